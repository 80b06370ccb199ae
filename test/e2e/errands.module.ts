import { appendFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from './written.lines.ts';

/**
 * One read and one write that take as long as they are told, and workflows whose time can run out. ERRANDS_FILE names the file to
 * which each call appends a line when it is done.
 */
const file = process.env.ERRANDS_FILE ?? '';
export const env = ['ERRANDS_FILE'];

export interface Errand {
  readonly tool: string;
  readonly id: string;
  readonly key: string;
}

/** Errands that were run, in their order. */
export const errandsIn = (path: string): Errand[] => writtenLines(path);

const input = `
input:
  type: object
  required: [id, pauseMs]
  properties: { id: { type: string }, pauseMs: { type: integer } }
  additionalProperties: false
`;

const errand = (name: string, tool: string, limit: { step?: string; run?: string }) => `
workflow: ${name}
version: 1
purpose: Run one errand.
${input}
${limit.run === undefined ? '' : `budget: { duration: ${limit.run} }`}
steps:
  run:
    tool: errands.${tool}
    with: { id: "\${input.id}", pauseMs: "\${input.pauseMs}" }
    ${limit.step === undefined ? '' : `timeout: { total: ${limit.step} }`}
`;

const signal = (deadline: string) => `
workflow: signalled
version: 1
purpose: Wait for somebody.
input: { type: object }
steps:
  go: { wait: { signal: go, deadline: ${deadline} } }
`;

/** Time a step, a run or a signal has in the workflows that can run out of it, ms. */
export const LIMIT_MS = 15_000;
const limit = `PT${LIMIT_MS / 1_000}S`;

const errands: ModuleFactory = ({ defineTool, z }) => {
  const shape = z.object({ id: z.string().min(1).max(100), pauseMs: z.int().min(0).max(60_000) });
  const spec = (name: string) => ({
    name: `errands.${name}`,
    version: 1,
    description: 'Runs an errand.',
    input: shape,
    output: z.object({ id: z.string() }),
    risk: 'low' as const,
    audience: 'internal',
    timeout: '8s' as const,
    async run(
      { id, pauseMs }: { id: string; pauseMs: number },
      { idempotencyKey: key }: { idempotencyKey: string },
    ) {
      await after(pauseMs);
      appendFileSync(file, `${JSON.stringify({ tool: name, id, key })}\n`);
      return { id };
    },
  });
  return {
    tools: [
      defineTool({ ...spec('read'), effect: 'read' }),
      defineTool({ ...spec('write'), effect: 'write', recovery: { by: 'ask-human', settleAfter: '1s' } }),
    ],
    workflows: [
      errand('read', 'read', {}),
      errand('write', 'write', {}),
      errand('read-in-step-time', 'read', { step: limit }),
      errand('write-in-step-time', 'write', { step: limit }),
      errand('read-in-run-time', 'read', { run: limit }),
      errand('write-in-run-time', 'write', { run: limit }),
      signal(limit),
    ],
    policies: [
      {
        id: 'errands',
        text: 'permit (principal, action, resource) when { [Tool::"errands.read", Tool::"errands.write"].contains(resource) };',
      },
    ],
  };
};

export default errands;
