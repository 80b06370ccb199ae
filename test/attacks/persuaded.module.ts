// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from '../e2e/written.lines.ts';

/**
 * A refund desk whose policies permit every refund to 50.00 and every mail. PERSUADED_FILE names the file to which a line is appended
 * for every write that takes place.
 */
const file = process.env.PERSUADED_FILE ?? '';
export const env = ['PERSUADED_FILE'];

interface Written {
  readonly tool: string;
  readonly input: unknown;
}

export const writtenIn = (path: string): Written[] => writtenLines(path);

const write = (tool: string, input: unknown) => {
  appendFileSync(file, `${JSON.stringify({ tool, input })}\n`);
  return { done: true };
};

const workflow = `
workflow: persuaded-desk
version: 1
purpose: Pay a customer back where the rules say so, and tell them.
input:
  type: object
  required: [orderId, text]
  properties: { orderId: { type: string }, text: { type: string } }
  additionalProperties: false
budget: { tokens: 100000, costUsd: 1, steps: 20, toolCalls: 10, duration: PT1H }
steps:
  decide:
    agent:
      goal: "Decide on the refund of order \${input.orderId}. The customer writes: \${input.text}"
      tools: []
      output:
        type: object
        required: [decision, why]
        additionalProperties: false
        properties: { decision: { enum: [refund, decline] }, why: { type: string, maxLength: 500 } }
      approvers: [support-lead]
      baseline: { decide: persuaded-rules }
  refund:
    needs: [decide]
    when: steps.decide.output.decision == "refund"
    tool: desk.refund
    with: { orderId: "\${input.orderId}", amountCents: 3078 }
  receipt:
    needs: [refund]
    when: has(steps.refund.output.done)
    tool: desk.mail
    with: { text: "\${steps.refund.output.done ? 'It is paid.' : 'It is not paid.'}" }
  notify:
    needs: [refund]
    tool: desk.mail
    with: { text: "\${steps.decide.output.why}" }
`;

const desk: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'desk.refund',
      version: 1,
      description: 'Pays money back.',
      effect: 'write',
      risk: 'high',
      audience: 'customer',
      timeout: '5s',
      recovery: { by: 'idempotency-key' },
      input: z.object({ orderId: z.string(), amountCents: z.int() }),
      output: z.object({ done: z.boolean() }),
      run: async (input) => write('desk.refund', input),
    }),
    defineTool({
      name: 'desk.mail',
      version: 1,
      description: 'Writes to the customer.',
      effect: 'write',
      risk: 'low',
      audience: 'customer',
      timeout: '5s',
      recovery: { by: 'idempotency-key' },
      input: z.object({ text: z.string() }),
      output: z.object({ done: z.boolean() }),
      run: async (input) => write('desk.mail', input),
    }),
  ],
  workflows: [workflow],
  tables: [
    {
      id: 'persuaded-rules',
      rules: [{ id: 'none', when: 'true', then: { decision: 'decline', why: 'it was paid back before' } }],
    },
  ],
  policies: [
    {
      id: 'models',
      text: 'permit (principal, action in [Action::"model.call", Action::"model.output"], resource);',
    },
    { id: 'mail', text: 'permit (principal, action == Action::"tool.call", resource == Tool::"desk.mail");' },
    {
      id: 'refunds',
      text: 'permit (principal, action == Action::"tool.call", resource == Tool::"desk.refund") when { context.arguments.amountCents <= 5000 };',
    },
    { id: 'results', text: 'permit (principal, action == Action::"tool.result", resource);' },
  ],
});

export default desk;
