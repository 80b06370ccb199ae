import { appendFileSync, writeSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from '../e2e/written.lines.ts';

/** Tools that go wrong in every way that code can, beside honest ones. FAULTY_FILE names the file to which every write appends a line. */
const file = process.env.FAULTY_FILE ?? '';
export const env = ['FAULTY_FILE'];

export interface FaultyLine {
  readonly tool: string;
  readonly id: string;
  readonly key: string;
}

export const linesIn = (path: string): FaultyLine[] => writtenLines(path);

const forLong = () => after(60_000);

const loop = (): never => {
  for (;;);
};

/** The values are what the code of a tool does once it has been called. */
const faults = {
  throw: () => {
    throw new Error('thrown');
  },
  async: () => {
    setTimeout(() => {
      throw new Error('thrown later');
    }, 5);
    return forLong();
  },
  reject: () => {
    Promise.reject(new Error('rejected'));
    return forLong();
  },
  loop,
  memory: async () => {
    for (const all: Buffer[] = []; all.length < 40; await after(1)) all.push(Buffer.alloc(50_000_000, 1));
    return forLong();
  },
  exit: () => process.exit(3),
  kill: () => {
    process.kill(process.pid, 'SIGKILL');
    return forLong();
  },
  print: () => {
    for (;;) process.stdout.write('x'.repeat(60_000));
  },
  flood: () => {
    for (;;) writeSync(3, 'x'.repeat(60_000));
  },
};
export type Fault = keyof typeof faults;
export const faultNames = Object.keys(faults) as Fault[];

const faultyWorkflow = (name: Fault, kind: 'read' | 'write') => `
workflow: faulty-${name}-${kind}
version: 1
purpose: Write something down, then meet a tool that goes wrong.
input: { type: object, required: [id], properties: { id: { type: string } }, additionalProperties: false }
output: { done: true }
steps:
  note:
    tool: honest.write
    with: { id: "\${input.id}" }
  meet:
    needs: [note]
    tool: fault.${name}-${kind}
    retry: { transient: { attempts: 5 }, timeout: { attempts: 2 } }
    with: { id: "\${input.id}" }
`;

const honestWorkflow = `
workflow: honest
version: 1
purpose: Write something down and read it back.
input: { type: object, required: [id], properties: { id: { type: string } }, additionalProperties: false }
output: { done: true }
steps:
  note:
    tool: honest.write
    with: { id: "\${input.id}" }
  look:
    needs: [note]
    tool: honest.read
    with: { id: "\${input.id}" }
`;

const faulty: ModuleFactory = ({ defineTool, z }) => {
  const common = {
    version: 1,
    description: 'Of the attack suite.',
    input: z.object({ id: z.string() }),
    output: z.object({ done: z.literal(true) }),
    risk: 'low',
    audience: 'internal',
  } as const;
  const note = (tool: string, id: string, key: string) =>
    appendFileSync(file, `${JSON.stringify({ tool, id, key })}\n`);
  const done = { done: true } as const;

  const fault = (name: Fault, kind: 'read' | 'write') =>
    defineTool({
      ...common,
      name: `fault.${name}-${kind}`,
      effect: kind,
      recovery: { by: 'idempotency-key' },
      timeout: '2s',
      async run({ id }, { idempotencyKey }) {
        if (kind === 'write') note(`fault.${name}`, id, idempotencyKey);
        await faults[name]();
        return done;
      },
    });
  const honest = (kind: 'read' | 'write') =>
    defineTool({
      ...common,
      name: `honest.${kind}`,
      effect: kind,
      recovery: { by: 'idempotency-key' },
      timeout: '20s',
      async run({ id }, { idempotencyKey }) {
        await after(20);
        if (kind === 'write') note('honest.write', id, idempotencyKey);
        return done;
      },
    });
  const kinds = ['read', 'write'] as const;
  return {
    tools: [...kinds.map(honest), ...faultNames.flatMap((name) => kinds.map((kind) => fault(name, kind)))],
    workflows: [
      honestWorkflow,
      ...faultNames.flatMap((name) => kinds.map((kind) => faultyWorkflow(name, kind))),
    ],
    policies: [{ id: 'faulty', text: 'permit (principal, action, resource);' }],
  };
};

export default faulty;
