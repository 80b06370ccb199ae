import { byReference, NAMED_WITHIN_MS, storedIn } from '@interlock/contracts';
import { defineTool } from '@interlock/tools';
import { MemoryStore, StoreUnavailableError, Values } from '@interlock/values';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Bench } from './effect-bench.scenario.js';
import { keptOutput, stillKept } from './kept.output.js';

const MB = 1024 * 1024;
const limits = { valueBytesMax: MB, familyBytesMax: 4 * MB, shelfBytesMax: 4 * MB };

const giving = (bytes: number) =>
  defineTool({
    name: 'texts.get',
    version: 1,
    description: 'Gives a text.',
    effect: 'read',
    risk: 'low',
    audience: 'test',
    timeout: '1s',
    input: z.object({ n: z.number() }),
    output: z.object({ text: z.string() }),
    run: async () => ({ text: 'x'.repeat(bytes) }),
  });

test('an output over 64 KB is durable in the store before it is told of, and stands by reference', async () => {
  const store = new MemoryStore();
  const bench = new Bench(giving(100_000), 10, [], new Values(store, limits));
  await bench.perform();
  const [end] = bench.ends;
  const stored = end?.kind === 'succeeded' ? storedIn(end.output) : undefined;
  expect(stored).toMatchObject({ size: 100_011, type: 'application/json' });
  expect(await store.list('run')).toMatchObject([{ hash: stored?.hash, size: 100_011 }]);
});

test('a smaller one stays in the log', async () => {
  const store = new MemoryStore();
  const bench = new Bench(giving(50_000), 10, [], new Values(store, limits));
  await bench.perform();
  expect(bench.ends).toMatchObject([{ kind: 'succeeded', output: { text: 'x'.repeat(50_000) } }]);
  expect(await store.list('run')).toEqual([]);
});

test('one that is larger than the store takes breaks the contract of its tool', async () => {
  const bench = new Bench(giving(2 * MB), 10, [], new Values(new MemoryStore(), limits));
  await bench.perform();
  expect(bench.ends).toMatchObject([
    { failure: { code: 'too_large', message: expect.stringContaining('INTERLOCK_VALUE_MB') } },
  ]);
});

test('without a store the failure says what is missing', async () => {
  const bench = new Bench(giving(300_000));
  await bench.perform();
  expect(bench.ends).toMatchObject([
    {
      kind: 'failed',
      failure: {
        class: 'invalid_output',
        code: 'too_large',
        message: expect.stringContaining('INTERLOCK_STORE_URL'),
      },
    },
  ]);
});

test('the answer to a verification stays in the log, which the run reads it from', async () => {
  const store = new MemoryStore();
  const bench = new Bench(giving(100_000), 10, [], new Values(store, limits));
  await bench.perform('a', 1_000, { verifies: { tool: 'texts.put', toolHash: 'h' } });
  expect(bench.ends).toMatchObject([{ kind: 'succeeded', output: { text: 'x'.repeat(100_000) } }]);
  expect(await store.list('run')).toEqual([]);
});

test.each([
  ['read', 'transient'],
  ['write', 'invalid_output'],
] as const)('a store that refuses makes a %s fail as %s, by name', async (effect, failureClass) => {
  const values = {
    keep: () => Promise.reject(new StoreUnavailableError('403 Forbidden')),
  };
  const end = { kind: 'succeeded', output: 'x'.repeat(100_000) } as const;
  expect(await keptOutput(values, { family: 'run', effect }, end, undefined)).toMatchObject({
    kind: 'failed',
    failure: {
      class: failureClass,
      code: 'value.unavailable',
      message: expect.stringContaining('403 Forbidden'),
    },
  });
});

test.each([
  ['read', 'transient'],
  ['write', 'invalid_output'],
] as const)(
  'the output of a %s that the log could not be told of in time is not named any more',
  (effect, failureClass) => {
    const output = byReference({ hash: 'a'.repeat(64), size: 100_000, type: 'application/json' });
    const result = {
      callHash: 'c',
      effect,
      tookMs: 1,
      keptAt: 5,
      end: { kind: 'succeeded', output },
    } as const;
    expect(stillKept(result, 5 + NAMED_WITHIN_MS - 1)).toBe(result);
    expect(stillKept(result, 5 + NAMED_WITHIN_MS).end).toMatchObject({
      kind: 'failed',
      failure: { class: failureClass, code: 'value.unavailable' },
    });
  },
);
