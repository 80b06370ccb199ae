// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ModuleFactory, ModuleKit } from '@interlock/tools';
import { policies } from './bench.policies.ts';

export const env = ['BENCH_LINES', 'BENCH_LONG_STEPS'];

const STEPS = 10;
const LONG_STEPS = Number(process.env.BENCH_LONG_STEPS ?? 2_000);

/** About 200 bytes of JSON. */
const record = {
  status: 'settled',
  reference: 'R-20261122-000417',
  customer: { name: 'Ada Beispiel', city: 'Marburg', since: '2019-04-01' },
  lines: [12, 7, 31],
  note: 'paid on delivery, no open items on this account',
};

/** Tools that do next to nothing, so that what is measured is everything around them. */
function benchTools({ defineTool, z }: ModuleKit) {
  const input = z.object({
    n: z.int(),
    amount: z.int().optional(),
    currency: z.string().optional(),
    account: z.string().optional(),
  });
  const output = z.object({
    status: z.string(),
    reference: z.string(),
    customer: z.object({ name: z.string(), city: z.string(), since: z.string() }),
    lines: z.array(z.int()),
    note: z.string(),
  });
  const plain = { version: 1, audience: 'internal', input, output } as const;
  const read = defineTool({
    ...plain,
    name: 'bench.read',
    description: 'Answers at once.',
    effect: 'read',
    risk: 'low',
    timeout: '5s',
    run: () => record,
  });
  const write = defineTool({
    ...plain,
    name: 'bench.write',
    description: 'Answers at once; a target that takes a key.',
    effect: 'write',
    risk: 'medium',
    recovery: { by: 'idempotency-key' },
    timeout: '5s',
    run: () => record,
  });
  /** The name is short because each of 2,000 steps repeats it and a run's start is one event of 512 KB at most. */
  const short = defineTool({
    ...plain,
    name: 'r',
    description: 'Answers at once.',
    input: z.object({}),
    effect: 'read',
    risk: 'low',
    timeout: '900ms',
    run: () => record,
  });
  return [read, write, short];
}

/** Of the workload crash: a target that takes no key but can be asked. Every call leaves a line, so a repeated one shows. */
function lineTools({ defineTool, z }: ModuleKit) {
  const file = process.env.BENCH_LINES ?? '';
  const written = z.object({ written: z.literal(true) });
  const line = defineTool({
    name: 'bench.line',
    version: 1,
    description: 'Appends a line to a file.',
    input: z.object({ n: z.int() }),
    output: written,
    effect: 'write',
    risk: 'medium',
    audience: 'internal',
    recovery: { by: 'verify', tool: 'bench.find', settleAfter: '0s' },
    timeout: '1s',
    run(_input, { idempotencyKey }) {
      appendFileSync(file, `${idempotencyKey}\n`);
      return { written: true } as const;
    },
  });
  const find = defineTool({
    name: 'bench.find',
    version: 1,
    description: 'Says whether a line was written.',
    input: z.object({ key: z.string().min(1), input: z.unknown().optional() }),
    output: z.union([
      z.object({ found: z.literal(false) }),
      z.object({ found: z.literal(true), output: written }),
    ]),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '1s',
    run({ key }) {
      const found = existsSync(file) && readFileSync(file, 'utf8').includes(`${key}\n`);
      return found ? ({ found: true, output: { written: true } } as const) : ({ found: false } as const);
    },
  });
  return [line, find];
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const characters = `${letters}0123456789`;
/** Two characters, for the same reason as the short name of the tool. */
const id = (n: number): string =>
  `${letters[n % letters.length]}${characters[Math.floor(n / letters.length)]}`;

/** `count` steps, each after the one before it. */
function chain(workflow: string, count: number, step: (n: number) => Record<string, unknown>) {
  const steps = Array.from({ length: count }, (_, n) => [
    id(n),
    { ...step(n), ...(n > 0 && { needs: [id(n - 1)] }) },
  ]);
  return {
    workflow,
    version: 1,
    purpose: 'Measures what a governed step costs.',
    input: { type: 'object', additionalProperties: true },
    output: { done: true },
    budget: { steps: count + 10, toolCalls: count * 3 + 10, duration: 'PT1H' },
    steps: Object.fromEntries(steps),
  };
}

/** One step for each item of a list, 50 at a time. */
const loop = (workflow: string, step: Record<string, unknown>) => ({
  workflow,
  version: 1,
  purpose: 'Measures what an item of a long list costs.',
  input: {
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'array', items: { type: 'integer' } } },
  },
  output: { items: '${size(steps.lines.output)}' },
  budget: { steps: 100_000, toolCalls: 100_000, costUsd: 1_000, duration: 'PT1H' },
  steps: {
    lines: {
      forEach: { in: '${input.items}', as: 'n', concurrency: 50 },
      steps: { one: step },
      output: '${n}',
    },
  },
});

const bench: ModuleFactory = (kit) => ({
  tools: [...benchTools(kit), ...lineTools(kit)],
  workflows: [
    chain('bench-read', STEPS, (n) => ({ tool: 'bench.read', with: { n, account: 'A-417' } })),
    chain('bench-write', STEPS, (n) => ({
      tool: 'bench.write',
      with: { n, amount: 100, currency: 'EUR', account: 'A-417' },
    })),
    chain('bench-line', STEPS, (n) => ({ tool: 'bench.line', with: { n } })),
    chain('bench-long', LONG_STEPS, () => ({ tool: 'r' })),
    loop('bench-loop-read', { tool: 'bench.read', with: { n: '${n}', account: 'A-417' } }),
    loop('bench-loop-write', {
      tool: 'bench.write',
      with: { n: '${n}', amount: 100, currency: 'EUR', account: 'A-417' },
    }),
    chain('bench-question', 1, () => ({ approval: { question: 'Go on?', approvers: ['lead'] } })),
    chain('bench-approved', 1, () => ({
      tool: 'bench.write',
      with: { n: 0, amount: 2_000, currency: 'EUR', account: 'A-417' },
    })),
  ],
  policies,
});

export default bench;
