import { appendFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from '../e2e/written.lines.ts';

/** One write that says when it starts, and a workflow that makes many of them, one after another. BEATS_FILE names the file. */

export interface Beat {
  /** UTC ms, when the tool began. */
  readonly at: number;
  readonly key: string;
}

export const env = ['BEATS_FILE'];

/** How many each run makes. */
export const BEATS = 12;
const PAUSE_MS = 30;

/** Calls that began, in their order. */
export const beatsIn = (path: string): Beat[] => writtenLines(path);

const steps = Array.from({ length: BEATS }, (_, at) =>
  [
    `  b${at}:`,
    '    tool: beats.beat',
    `    with: { n: ${at} }`,
    ...(at === 0 ? [] : [`    needs: [b${at - 1}]`]),
  ].join('\n'),
);

const beats: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'beats.beat',
      version: 1,
      description: 'Says that it began.',
      input: z.object({ n: z.int() }),
      output: z.object({ n: z.int() }),
      effect: 'write',
      risk: 'low',
      audience: 'internal',
      timeout: '8s',
      recovery: { by: 'idempotency-key' },
      async run({ n }, { idempotencyKey: key }) {
        appendFileSync(process.env.BEATS_FILE ?? '', `${JSON.stringify({ at: Date.now(), key })}\n`);
        await after(PAUSE_MS);
        return { n };
      },
    }),
  ],
  workflows: [
    `workflow: beats\nversion: 1\npurpose: Make calls.\ninput: { type: object }\nbudget: { toolCalls: 100 }\nsteps:\n${steps.join('\n')}\n`,
  ],
  policies: [{ id: 'beats', text: 'permit (principal, action, resource == Tool::"beats.beat");' }],
});

export default beats;
