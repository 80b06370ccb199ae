import { defineTool } from '@interlock/tools';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CallScenario, keyed, read } from './call.scenario.js';
import { Bench } from './effect-bench.scenario.js';

const by = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

describe.each([
  ['a write', keyed],
  ['a read', read],
])('%s', (_kind, tool) => {
  test('that a stop covers is refused as killed, with what stopped it, and is no unsafe attempt', () => {
    scenario.standing = { kind: 'stopped', by };
    const requestedCall = scenario.requestCall(tool);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.refused: killed']);
    expect(scenario.written).toMatchObject([{ unsafe: false, stop: by }]);
    expect([scenario.started, scenario.deferred]).toEqual([[], []]);
  });

  test('waits while it is unknown what is stopped, and goes on when that is known', () => {
    scenario.standing = { kind: 'unknown' };
    const requestedCall = scenario.requestCall(tool);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual([]);
    expect([scenario.started, scenario.deferred.length]).toEqual([[], 2]);
    scenario.standing = { kind: 'free' };
    scenario.due(2_000);
    expect(scenario.started.map(({ id }) => id)).toEqual([requestedCall.meta.id]);
  });

  test('that waits past its time is refused like any that came too late', () => {
    scenario.standing = { kind: 'unknown' };
    const requestedCall = scenario.requestCall(tool);
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    expect(scenario.due(60_000)).toEqual(['tool.refused: expired']);
  });
});

test('what is denied anyway says nothing of the stop', () => {
  scenario.standing = { kind: 'stopped', by };
  const requestedCall = scenario.requestCall(keyed);
  scenario.take(requestedCall);
  expect(scenario.take(scenario.verdict(requestedCall, { verdict: 'deny' }))).toEqual([]);
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
  const requestedCall = scenario.requestCall(keyed);
  scenario.take(requestedCall);
  scenario.take(scenario.verdict(requestedCall));
  const end = { kind: 'not_performed', because: 'stopped', stop: by } as const;
  expect(scenario.ends(requestedCall.meta.id, end)).toEqual(['tool.refused: killed']);
});
