import { defineTool } from '@interlock/tools';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CallScenario, keyed, read } from './call.scenario.js';
import { Bench } from './effect-bench.scenario.js';

const by = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
let desk: CallScenario;
beforeEach(() => {
  desk = new CallScenario();
});

describe.each([
  ['a write', keyed],
  ['a read', read],
])('%s', (_kind, tool) => {
  test('that a stop covers is refused as killed, with what stopped it, and is no unsafe attempt', () => {
    desk.standing = { kind: 'stopped', by };
    const requestedCall = desk.requestCall(tool);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall))).toEqual(['tool.refused: killed']);
    expect(desk.written).toMatchObject([{ unsafe: false, stop: by }]);
    expect([desk.started, desk.deferred]).toEqual([[], []]);
  });

  test('waits while it is unknown what is stopped, and goes on when that is known', () => {
    desk.standing = { kind: 'unknown' };
    const requestedCall = desk.requestCall(tool);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall))).toEqual([]);
    expect([desk.started, desk.deferred.length]).toEqual([[], 2]);
    desk.standing = { kind: 'free' };
    desk.due(2_000);
    expect(desk.started.map(({ id }) => id)).toEqual([requestedCall.meta.id]);
  });

  test('that waits past its time is refused like any that came too late', () => {
    desk.standing = { kind: 'unknown' };
    const requestedCall = desk.requestCall(tool);
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
  });
});

test('what is denied anyway says nothing of the stop', () => {
  desk.standing = { kind: 'stopped', by };
  const requestedCall = desk.requestCall(keyed);
  desk.take(requestedCall);
  expect(desk.take(desk.verdict(requestedCall, { verdict: 'deny' }))).toEqual([]);
});

test('a stop that comes between the intent and its turn is still obeyed', async () => {
  let calls = 0;
  const bench = new Bench(
    defineTool({
      name: 'pay',
      version: 1,
      description: 'Pays.',
      input: z.object({}),
      output: z.object({}),
      effect: 'write',
      risk: 'low',
      audience: 'internal',
      timeout: '1s',
      recovery: { by: 'idempotency-key' },
      async run() {
        calls += 1;
        return {};
      },
    }),
  );
  bench.standing = { kind: 'stopped', by };
  await bench.perform();
  expect(bench.ends).toMatchObject([{ kind: 'not_performed', stop: by }]);
  bench.standing = { kind: 'unknown' };
  await bench.perform('b');
  expect(bench.ends[1]).toMatchObject({ kind: 'not_performed' });
  expect(calls).toBe(0);
});

test('and is told as killed', () => {
  const requestedCall = desk.requestCall(keyed);
  desk.take(requestedCall);
  desk.take(desk.verdict(requestedCall));
  const end = { kind: 'not_performed', because: 'stopped', stop: by } as const;
  expect(desk.ends(requestedCall.meta.id, end)).toEqual(['tool.refused: killed']);
});
