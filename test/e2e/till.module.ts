import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from './written.lines.ts';

/**
 * A till that pays what people agree to, with one workflow for each way of asking them. TILL_FILE names the file to which a line is
 * appended for every request that reaches the till, whatever it answers.
 */
const file = process.env.TILL_FILE ?? '';
export const env = ['TILL_FILE'];

/** One request as the till got it. */
export interface TillRequest {
  readonly tool: string;
  readonly entry: string;
  readonly key: string;
  readonly at: number;
  readonly isRefused: boolean;
}

export const tillRequestsIn = (path: string): TillRequest[] => writtenLines(path);

/** The till is closed for the first request of such an entry. */
export const CLOSED_AT_FIRST = 'closed-at-first';

const workflow = (name: string, steps: string) => `
workflow: ${name}
version: 1
purpose: Pay what people agree to.
input:
  type: object
  required: [entry, cents]
  properties: { entry: { type: string }, cents: { type: integer } }
  additionalProperties: false
steps:${steps}
`;

const call = (tool: string) => `
    tool: till.${tool}
    with: { entry: "\${input.entry}", cents: "\${input.cents}" }`;

const workflows = [
  ...[
    'pay-single',
    'pay-dual',
    'pay-soon',
    'pay-escalation',
    'pay-long-escalation',
    'pay-stricter',
    'pay-forged',
  ].map((name) => workflow(name, `\n  pay:${call('pay')}`)),
  workflow(
    'pay-or-note',
    `\n  pay:${call('pay')}\n    onFailure: { fallback: note }\n  note:${call('note')}`,
  ),
  workflow('pay-again', `\n  pay:${call('pay')}\n    onFailure: escalate`),
  workflow(
    'ask-and-note',
    `
  agree:
    approval:
      question: "Note \${input.cents} for \${input.entry}?"
      details: { entry: "\${input.entry}" }
      approvers: [finance]
      required: dual
  note:
    needs: [agree]${call('note')}`,
  ),
];

/** Who has to agree to what the workflow pays. */
export const asking = (name: string, annotations: string) => ({
  id: name,
  text: `${annotations}
permit (principal == Workflow::"${name}", action == Action::"tool.call", resource == Tool::"till.pay");`,
});

const single = '@approval("single") @approvers("finance")';
const dual = '@approval("dual") @approvers("finance")';

const till: ModuleFactory = ({ defineTool, z }) => {
  const tool = (name: string) =>
    defineTool({
      name: `till.${name}`,
      version: 1,
      description: 'Takes a line.',
      input: z.object({ entry: z.string().min(1).max(100), cents: z.int().min(0) }),
      output: z.object({ entry: z.string() }),
      failure: z.object({ code: z.literal('closed') }),
      effect: 'write' as const,
      risk: 'high' as const,
      audience: 'internal',
      recovery: { by: 'idempotency-key' as const },
      timeout: '10s' as const,
      async run({ entry }, { idempotencyKey: key, fail }) {
        const isFirst = !tillRequestsIn(file).some((one) => one.entry === entry);
        const isRefused = isFirst && entry.startsWith(CLOSED_AT_FIRST);
        const request: TillRequest = { tool: name, entry, key, at: Date.now(), isRefused };
        appendFileSync(file, `${JSON.stringify(request)}\n`);
        return isRefused ? fail({ code: 'closed' }) : { entry };
      },
    });
  return {
    tools: [tool('pay'), tool('note')],
    workflows,
    policies: [
      asking('pay-single', single),
      asking('pay-dual', dual),
      asking('pay-soon', `${single} @expires("PT2S") @default("deny")`),
      asking('pay-or-note', `${single} @expires("PT2S") @default("fallback")`),
      asking(
        'pay-escalation',
        `${single} @remind("PT1S") @escalate("director") @escalateAfter("PT2S") @expires("PT5M")`,
      ),
      asking(
        'pay-long-escalation',
        `${single} @escalate("director") @escalateAfter("PT1H") @expires("PT2H")`,
      ),
      asking('pay-again', single),
      asking('pay-stricter', single),
      asking('pay-forged', single),
      {
        id: 'notes',
        text: 'permit (principal, action == Action::"tool.call", resource == Tool::"till.note");',
      },
      {
        id: 'results',
        text: 'permit (principal, action == Action::"tool.result", resource) when { [Tool::"till.pay", Tool::"till.note"].contains(resource) };',
      },
    ],
  };
};

export default till;
