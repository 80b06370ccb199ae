import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ModuleKit, RecoverySpec, Tool } from '@interlock/module';
import type { z as Zod } from 'zod';
import { effective, type Line, World } from './world.ts';

/** Settings that the tools read: where the world is kept, and how long its systems take to answer, ms. */
export const env = ['PROCESSES_WORLD', 'PROCESSES_PAUSE_MS'];

const inTheCheckout = fileURLToPath(new URL('../../.interlock/processes/world.jsonl', import.meta.url));

type Shape = Readonly<Record<string, Zod.ZodType>>;
type Fields = Readonly<Record<string, unknown>>;
type Lines = () => readonly Line[];
type Refuses = (input: Fields, lines: Lines) => string | undefined;

/** Refuses with this code where a field begins with it, so that an example can be made to fail by its input. */
export const whenIts =
  (field: string, code: string): Refuses =>
  (input) =>
    String(input[field]).startsWith(code) ? code : undefined;

/** How often a tool has done something in one case. */
export const countOf = (tool: string, of: unknown, lines: Lines): number =>
  lines().filter((line) => line.tool === tool && line.input.case === of).length;

interface Write {
  readonly name: string;
  readonly description: string;
  readonly input: Shape;
  readonly risk?: 'low' | 'medium' | 'high';
  /** The tool that undoes it. */
  readonly undo?: string;
  readonly recovery?: RecoverySpec;
  /** Says why it is not done. */
  readonly refuses?: Refuses;
  /** So many requests find the target away. */
  readonly awayFor?: (input: Fields) => number;
}

interface Read<Output extends Zod.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly input: Shape;
  readonly output: Output;
  readonly refuses?: Refuses;
  /** From what has been done so far. */
  readonly answer: (input: Fields, lines: Lines) => Zod.input<Output>;
}

interface Check extends Omit<Read<Zod.ZodObject>, 'output' | 'answer'> {
  /** What is true of what it looks at. */
  readonly says: string;
}

/** The ways in which the tools of these examples reach their systems. */
export function systems({ defineTool, z, HttpStatusError }: ModuleKit) {
  const world = new World(resolve(process.env.PROCESSES_WORLD ?? inTheCheckout));
  const pause = () => after(Number(process.env.PROCESSES_PAUSE_MS ?? 0));
  const lines: Lines = () => world.lines();
  const done: Lines = () => effective(world.lines());
  const failure = z.object({ code: z.string() });
  const referenceOf = (tool: string, key: string) =>
    `${tool.split('.')[0]}-${createHash('sha256').update(key).digest('hex').slice(0, 10)}`;

  /** A write, under a key where the recovery says so. */
  function write({ name, description, input, risk = 'low', undo, recovery, refuses, awayFor }: Write): Tool {
    const by = recovery ?? { by: 'idempotency-key' };
    return defineTool({
      name,
      version: 1,
      description,
      input: z.object(input),
      output: z.object({ reference: z.string() }),
      failure,
      effect: 'write',
      risk,
      audience: 'internal',
      recovery: by,
      ...(undo !== undefined && {
        compensate: {
          tool: undo,
          with: ({ output }: { output: { reference: string } }) => ({ reference: output.reference }),
        },
      }),
      timeout: '5s',
      async run(given, { idempotencyKey: key, fail }) {
        await pause();
        const fields: Fields = given;
        const line = { tool: name, key, knowsKeys: by.by === 'idempotency-key', input: fields };
        const reference = 'reference' in fields ? String(fields.reference) : referenceOf(name, key);
        const refusal = refuses?.(fields, lines);
        const isAway = world.under(key).length < (awayFor?.(fields) ?? 0);
        world.take({ ...line, isRefused: refusal !== undefined || isAway, reference });
        await pause();
        if (isAway) throw new HttpStatusError(503, `${name} is away`);
        return refusal === undefined ? { reference } : fail({ code: refusal });
      },
    });
  }

  /** What undoes writes by their reference. */
  const undo = (name: string, description: string): Tool =>
    write({ name, description, input: { reference: z.string() } });

  /** A write and what undoes it. */
  const undoable = (spec: Write & { readonly undo: string }): Tool[] => [
    write(spec),
    undo(spec.undo, `Undoes ${spec.name}.`),
  ];

  function read<Output extends Zod.ZodObject>(spec: Read<Output>): Tool {
    const { name, description, input, output, refuses, answer } = spec;
    return defineTool({
      name,
      version: 1,
      description,
      input: z.object(input),
      output,
      failure,
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      async run(given, { fail }) {
        await pause();
        const refusal = refuses?.(given, lines);
        return refusal === undefined ? answer(given, done) : fail({ code: refusal });
      },
    });
  }

  /** A read that says yes, unless it refuses. */
  const check = ({ says, ...spec }: Check): Tool =>
    read({ ...spec, output: z.object({ [says]: z.boolean() }), answer: () => ({ [says]: true }) });

  /** Asks whether a write was made under a key: clears up a doubt about it. */
  const find = (name: string): Tool =>
    defineTool({
      name,
      version: 1,
      description: 'Says whether something was done under a key.',
      input: z.object({ key: z.string(), input: z.unknown().optional() }),
      output: z.union([
        z.object({ found: z.literal(false) }),
        z.object({ found: z.literal(true), output: z.object({ reference: z.string() }) }),
      ]),
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      run({ key }) {
        const line = world.under(key).find(({ isRefused }) => !isRefused);
        return line === undefined
          ? ({ found: false } as const)
          : ({ found: true, output: { reference: line.reference } } as const);
      },
    });

  return { write, undoable, read, check, find, z };
}
