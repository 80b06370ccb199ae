import { byReference } from '@interlock/contracts';
import { defineTool } from '@interlock/tools';
import { MemoryStore, StoreUnavailableError, type ValueAddress, Values } from '@interlock/values';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Bench } from './effect-bench.scenario.js';

const MB = 1024 * 1024;
const limits = { valueBytesMax: MB, familyBytesMax: 4 * MB, shelfBytesMax: 4 * MB };
const given = { text: 'x'.repeat(100_000) };

const measure = defineTool({
  name: 'texts.put',
  version: 1,
  description: 'Says how long a text is.',
  effect: 'write',
  recovery: { by: 'idempotency-key' },
  risk: 'low',
  audience: 'test',
  timeout: '1s',
  input: z.object({ text: z.string() }),
  output: z.object({ length: z.number() }),
  run: async ({ text }) => ({ length: text.length }),
});

type Change = (store: MemoryStore, at: ValueAddress) => Promise<void>;

/** The arguments lie in the store, and this process has not read them yet. */
async function called(change: Change = async () => {}) {
  const store = new MemoryStore();
  const stored = await new Values(store, limits).keep('run', given, { withinMs: 0 });
  await change(store, { family: 'run', hash: stored.hash });
  const bench = new Bench(measure, 10, [], new Values(store, limits));
  await bench.perform('a', 300, { arguments: byReference(stored) });
  return bench.ends;
}

describe('arguments that are kept outside of the log', () => {
  test('are loaded and verified before the tool gets them', async () => {
    expect(await called()).toEqual([{ kind: 'succeeded', output: { length: 100_000 } }]);
  });

  const away = () => Promise.reject(new StoreUnavailableError('503'));
  test.each([
    ['lost', 'value.missing', 'internal', (store, at) => store.remove(at)],
    ['altered', 'value.altered', 'internal', (store, at) => store.put(at, Buffer.from('{}'))],
    ['away', 'value.unavailable', 'transient', async (store) => void Object.assign(store, { get: away })],
  ] as const satisfies [string, string, string, Change][])(
    'that are %s keep the call from being made, by name',
    async (_what, code, kind, change) => {
      expect(await called(change)).toMatchObject([
        {
          kind: 'failed',
          failure: { class: kind, code, message: expect.stringContaining('nothing was called') },
        },
      ]);
    },
  );

  test('keep it from being made where this service has no store', async () => {
    const bench = new Bench(measure);
    await bench.perform('a', 300, {
      arguments: byReference({ hash: 'a'.repeat(64), size: 1, type: 'application/json' }),
    });
    expect(bench.ends).toMatchObject([
      { failure: { code: 'value.unavailable', message: expect.stringContaining('INTERLOCK_STORE_URL') } },
    ]);
  });
});
