import { defineTool, type HttpStatusError, type Tool } from '@interlock/tools';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Bench, type Run } from './effect-bench.scenario.js';

function tool(effect: 'read' | 'write', run: Run, rateLimit?: { perSecond: number }): Tool {
  return defineTool({
    name: 'stock.take',
    version: 1,
    description: '',
    input: z.object({ n: z.number().default(1) }),
    output: z.object({ text: z.string() }),
    failure: z.object({ code: z.literal('no_stock'), note: z.string().optional() }),
    effect,
    risk: 'low',
    audience: 'test',
    recovery: { by: 'ask-human', settleAfter: '1s' },
    timeout: '1s',
    rateLimit,
    run: run as never,
  });
}

/** Its output may hold anything. */
const loose = (effect: 'read' | 'write', run: Run): Tool =>
  defineTool({
    name: 'loose.take',
    version: 1,
    description: '',
    input: z.object({ n: z.number().default(1) }),
    output: z.looseObject({ text: z.string() }),
    effect,
    risk: 'low',
    audience: 'test',
    recovery: { by: 'ask-human', settleAfter: '1s' },
    timeout: '1s',
    run: run as never,
  });

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

const resolvesAfter = <T>(delayMs: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), delayMs));
const never = (): Promise<never> => new Promise(() => {});

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a call', () => {
  test('gets its input and its idempotency key, and its output is reduced to the contract', async () => {
    const bench = new Bench(
      tool('write', ({ n }, { idempotencyKey }) => ({ text: `${n} ${idempotencyKey}`, extra: true })),
    );
    await bench.perform();
    expect(bench.ends).toEqual([{ kind: 'succeeded', output: { text: '1 h' } }]);
  });

  test.each<[string, unknown]>([
    ['something else', { n: 'seven' }],
    ['a list', [7]],
    ['nothing', null],
    ['without what its schema would fill in', {}],
    ['with what its schema would drop', { n: 1, note: 'x' }],
    ['a prototype', JSON.parse('{"__proto__":{"n":"seven"},"n":"seven"}')],
  ])('is refused, and nothing is called, when its arguments are %s', async (_name, given) => {
    const run = vi.fn(() => ({ text: '' }));
    const bench = new Bench(tool('write', run));
    await bench.perform('a', 1_000, { arguments: given });
    expect(bench.ends).toMatchObject([{ kind: 'refused' }]);
    expect(run).not.toHaveBeenCalled();
  });

  test('may fail in a declared way', async () => {
    const bench = new Bench(tool('write', (_input, context) => context.fail({ code: 'no_stock' })));
    await bench.perform();
    expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { class: 'domain', code: 'no_stock' } }]);
  });

  test('may say about a declared failure what fits beside it; more is left out', async () => {
    const failing = (note: string) =>
      new Bench(tool('write', (_input, context) => context.fail({ code: 'no_stock', note } as never)));
    const [short, long] = [failing('none'), failing('x'.repeat(64 * 1024))];
    await short.perform();
    await long.perform();
    expect(short.ends).toMatchObject([{ failure: { code: 'no_stock', data: { note: 'none' } } }]);
    expect(long.ends).toEqual([
      { kind: 'failed', failure: { class: 'domain', code: 'no_stock', message: 'no_stock' } },
    ]);
  });

  test('whose output breaks the contract has failed, also when it wrote', async () => {
    const bench = new Bench(tool('write', () => ({ text: 7 })));
    await bench.perform();
    expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { class: 'invalid_output' } }]);
  });

  test.each([
    [
      'half a character',
      () => ({ text: 'order note \ud83d' }),
      'text: the text holds half of a surrogate pair',
    ],
    [
      'half a character in a key',
      () => ({ '\ud83d': 1, text: '' }),
      'the key holds half of a surrogate pair',
    ],
    [
      'an integer beyond 2^53',
      () => ({ text: '', n: 2 ** 53 }),
      'n: the integer 9007199254740992 is too large',
    ],
    ['1e300', () => ({ text: '', n: 1e300 }), 'n: the integer 1e+300 is too large for JSON'],
    ['no number', () => ({ text: '', n: Number.NaN }), 'NaN is not a JSON number'],
    ['10,000 levels', () => ({ text: '', n: nested(10_000) }), ''],
    ['100 levels', () => ({ text: '', n: nested(100) }), 'nested deeper than 64 levels'],
  ])(
    'whose output holds %s has failed as invalid_output, also when it wrote',
    async (_what, run, problem) => {
      for (const effect of ['read', 'write'] as const) {
        const bench = new Bench(loose(effect, run));
        await bench.perform();
        expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { class: 'invalid_output' } }]);
        expect(JSON.stringify(bench.ends)).toContain(problem);
      }
    },
  );

  test('that fails in half characters says so in whole ones', async () => {
    const bench = new Bench(
      tool('read', (_input, context) => context.fail({ code: 'no_stock', note: '\ud83d' } as never)),
    );
    await bench.perform();
    expect(bench.ends).toEqual([
      { kind: 'failed', failure: { class: 'domain', code: 'no_stock', message: 'no_stock' } },
    ]);
  });

  test('whose output is larger than 256 KB has failed', async () => {
    const bench = new Bench(tool('read', () => ({ text: 'x'.repeat(256 * 1024) })));
    await bench.perform();
    expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { code: 'too_large' } }]);
  });
});

describe('a thrown error', () => {
  const status = (code: number): Partial<HttpStatusError> => ({ name: 'HttpStatusError', status: code });
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

  test.each([
    [status(422), 'invalid_input'],
    [status(429), 'rate_limited'],
    [status(503), 'transient'],
  ])('that proves nothing happened is a failure, also of a write: %o', async (thrown, kind) => {
    const bench = new Bench(tool('write', () => Promise.reject(thrown)));
    await bench.perform();
    expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { class: kind } }]);
  });

  test.each([[status(504)], [status(500)], [reset], [new Error('a bug after the request')]])(
    'after which a write may have happened leaves it unknown: %o',
    async (thrown) => {
      const bench = new Bench(tool('write', () => Promise.reject(thrown)));
      await bench.perform();
      expect(bench.ends).toMatchObject([{ kind: 'unknown' }]);
    },
  );

  test('of a read is a failure of its class', async () => {
    const bench = new Bench(tool('read', () => Promise.reject(reset)));
    await bench.perform();
    expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { class: 'transient' } }]);
  });
});

describe('time', () => {
  test('a read without an answer by its deadline has timed out, and its signal is aborted', async () => {
    let signal: AbortSignal | undefined;
    const bench = new Bench(
      tool('read', (_input, context) => {
        signal = context.signal;
        return never();
      }),
    );
    const done = bench.perform();
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
    expect(bench.ends).toMatchObject([{ kind: 'failed', failure: { class: 'timeout' } }]);
    expect(signal?.aborted).toBe(true);
  });

  test('a write without an answer by its deadline is unknown, and what it did comes later', async () => {
    const bench = new Bench(tool('write', () => resolvesAfter(3_000, { text: 'done' })));
    const done = bench.perform();
    await vi.advanceTimersByTimeAsync(3_000);
    await done;
    expect(bench.results).toMatchObject([
      { end: { kind: 'unknown' }, at: 1_000 },
      { end: { kind: 'succeeded' }, at: 3_000 },
    ]);
  });

  test('an answer that is there at the deadline, because nothing looked before, comes late all the same', async () => {
    const busy = () => {
      vi.setSystemTime(Date.now() + 5_000);
      return { text: 'done' };
    };
    const read = new Bench(tool('read', busy));
    const write = new Bench(tool('write', busy));
    await read.perform();
    await write.perform();
    expect(read.ends).toMatchObject([{ kind: 'failed', failure: { class: 'timeout' } }]);
    expect(write.ends).toMatchObject([{ kind: 'unknown' }, { kind: 'succeeded' }]);
  });

  test('nothing is called when the deadline has passed before its turn', async () => {
    const run = vi.fn(() => ({ text: '' }));
    const bench = new Bench(tool('write', run));
    const done = bench.perform('a', 0);
    await vi.advanceTimersByTimeAsync(0);
    await done;
    expect(bench.ends).toMatchObject([{ kind: 'not_performed' }]);
    expect(run).not.toHaveBeenCalled();
  });

  test('a write without a key does not begin in the last quarter of its time', async () => {
    const run = vi.fn(() => resolvesAfter(760, { text: '' }));
    const bench = new Bench(tool('write', run), 1);
    const both = Promise.all([bench.perform('a'), bench.perform('b')]);
    await vi.advanceTimersByTimeAsync(2_000);
    await both;
    expect(run).toHaveBeenCalledTimes(1);
    expect(bench.ends).toMatchObject([{ kind: 'succeeded' }, { kind: 'not_performed' }]);
  });

  test('a call that is stopped while it waits is not performed', async () => {
    const run = vi.fn(never);
    const bench = new Bench(tool('write', run), 1);
    const first = bench.perform('a');
    const second = bench.perform('b');
    await vi.advanceTimersByTimeAsync(500);
    bench.stop.abort();
    await second;
    expect(run).toHaveBeenCalledTimes(1);
    expect(bench.ends).toMatchObject([{ kind: 'not_performed' }]);
    await vi.advanceTimersByTimeAsync(61_000);
    await first;
  });
});

describe('a write that can be undone', () => {
  const undoable = (run: Run) =>
    defineTool({
      name: 'stock.take',
      version: 1,
      description: '',
      input: z.object({ n: z.number().default(1) }),
      output: z.object({ text: z.string() }),
      effect: 'write',
      risk: 'low',
      audience: 'test',
      recovery: { by: 'ask-human', settleAfter: '1s' },
      compensate: { tool: 'stock.put', with: ({ input, output }) => ({ n: input.n, of: output.text }) },
      timeout: '1s',
      run: run as never,
    });
  const compensation = { tool: 'stock.put', arguments: { n: 1, of: 'done' } };

  test('says how, from the input as its tool was given it', async () => {
    const bench = new Bench(
      undoable((input) => {
        input.n = 7;
        return { text: 'done' };
      }),
    );
    await bench.perform();
    expect(bench.ends).toEqual([{ kind: 'succeeded', output: { text: 'done' }, compensation }]);
  });

  test('says so too when its outcome comes late', async () => {
    const bench = new Bench(undoable(() => resolvesAfter(3_000, { text: 'done' })));
    const done = bench.perform();
    await vi.advanceTimersByTimeAsync(3_000);
    await done;
    expect(bench.ends).toMatchObject([{ kind: 'unknown' }, { kind: 'succeeded', compensation }]);
  });

  test('and was found by a verification says so through that', async () => {
    const written = undoable(() => ({}));
    const find = defineTool({
      name: 'stock.find',
      version: 1,
      description: '',
      input: z.object({ key: z.string(), input: z.unknown() }),
      output: z.object({ found: z.boolean(), output: z.unknown() }),
      effect: 'read',
      risk: 'low',
      audience: 'test',
      timeout: '1s',
      run: ({ key }) => ({ found: key === 'yes', output: { text: 'done' } }),
    });
    const bench = new Bench(find, 10, [written]);
    const verifies = { tool: 'stock.take', toolHash: written.toolHash };
    await bench.perform('a', 1_000, { arguments: { key: 'yes', input: {} }, verifies });
    await bench.perform('b', 1_000, { arguments: { key: 'no', input: {} }, verifies });
    const unloaded = { tool: 'stock.take', toolHash: 'e'.repeat(64) };
    await bench.perform('c', 1_000, { arguments: { key: 'yes', input: {} }, verifies: unloaded });
    expect(bench.ends.map((end) => 'compensation' in end && end.compensation)).toEqual([
      compensation,
      false,
      false,
    ]);
    expect(bench.ends.map(({ kind }) => kind)).toEqual(Array(3).fill('succeeded'));
    expect(bench.warnings).toEqual([{ tool: 'stock.take', requestId: 'c' }]);
  });
});

test('calls beyond the rate wait for their turn, in order', async () => {
  const bench = new Bench(tool('read', () => ({ text: '' }), { perSecond: 2 }));
  const done = Promise.all(['a', 'b', 'c', 'd'].map((id) => bench.perform(id, 10_000)));
  await vi.advanceTimersByTimeAsync(5_000);
  await done;
  expect(bench.results.map(({ at }) => at)).toEqual([0, 0, 500, 1_000]);
});

test('at most so many calls run at a time', async () => {
  let running = 0;
  let most = 0;
  const bench = new Bench(
    tool('read', async () => {
      running += 1;
      most = Math.max(most, running);
      await resolvesAfter(100, undefined);
      running -= 1;
      return { text: '' };
    }),
    2,
  );
  const done = Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => bench.perform(id)));
  await vi.advanceTimersByTimeAsync(1_000);
  await done;
  expect(most).toBe(2);
  expect(bench.ends.map(({ kind }) => kind)).toEqual(Array(5).fill('succeeded'));
});
