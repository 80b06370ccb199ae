import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';

/** Tools whose targets cut texts in the middle of a character. HALVES_FILE names the file to which each note is appended. */
const file = process.env.HALVES_FILE ?? '';
export const env = ['HALVES_FILE'];

const CUT = 'order note \ud83d';

const cutSubject = `
workflow: cut-subject
version: 1
purpose: Writes a note whose title is the beginning of what somebody wrote.
input:
  type: object
  required: [text]
  additionalProperties: false
  properties: { text: { type: string } }
budget: { duration: PT10S }
steps:
  before:
    tool: notes.write
    with: { text: "before" }
  title:
    needs: [before]
    tool: notes.write
    with: { text: "\${input.text.substring(0, 1)}" }
`;

const stepsOf = {
  'cut-write': { a: { tool: 'cut.write' } },
  'cut-key': { a: { tool: 'cut.key' } },
  'cut-on': {
    a: { tool: 'cut.read' },
    b: { needs: ['a'], tool: 'cut.echo', with: { note: '$' + '{steps.a.output.note}' } },
  },
  'cut-read': { a: { tool: 'cut.read' } },
  'cut-message': { a: { tool: 'cut.message' } },
  'cut-failure': { a: { tool: 'cut.failure' } },
};

const halves: ModuleFactory = ({ defineTool, z, HttpStatusError }) => {
  const common = {
    version: 1,
    description: 'For a test.',
    risk: 'low',
    audience: 'internal',
    timeout: '1s',
    input: z.object({}),
  } as const;
  const write = { ...common, effect: 'write', recovery: { by: 'idempotency-key' } } as const;
  const read = { ...common, effect: 'read' } as const;
  const note = z.object({ note: z.string() });
  return {
    tools: [
      defineTool({
        ...write,
        name: 'notes.write',
        input: z.object({ text: z.string() }),
        output: z.object({ written: z.boolean() }),
        run: ({ text }) => {
          appendFileSync(file, `${JSON.stringify(text)}\n`);
          return { written: true };
        },
      }),
      defineTool({ ...write, name: 'cut.write', output: note, run: () => ({ note: CUT }) }),
      defineTool({
        ...write,
        name: 'cut.key',
        output: z.record(z.string(), z.string()),
        run: () => ({ [CUT]: 'v' }),
      }),
      defineTool({ ...read, name: 'cut.read', output: note, run: () => ({ note: CUT }) }),
      defineTool({ ...read, name: 'cut.echo', input: note, output: note, run: (input) => input }),
      defineTool({
        ...read,
        name: 'cut.message',
        output: z.object({}),
        run: () => {
          throw new HttpStatusError(422, CUT);
        },
      }),
      defineTool({
        ...read,
        name: 'cut.failure',
        output: z.object({}),
        failure: z.object({ code: z.literal('no'), why: z.string() }),
        run: (_input, context) => context.fail({ code: 'no', why: CUT }),
      }),
    ],
    policies: [{ id: 'halves', text: 'permit (principal, action, resource);' }],
    workflows: [
      cutSubject,
      ...Object.entries(stepsOf).map(([workflow, steps]) => ({
        workflow,
        version: 1,
        purpose: 'For a test.',
        input: { type: 'object' },
        budget: { duration: 'PT10S' },
        steps,
      })),
    ],
  };
};
export default halves;
