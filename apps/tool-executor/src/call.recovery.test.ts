import { beforeEach, describe, expect, test } from 'vitest';
import { handoverOf } from './call.effect.js';
import { CallScenario, keyed, read, unkeyed } from './call.scenario.js';

let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

function started(tool: typeof keyed): string {
  const requestedCall = scenario.requestCall(tool);
  scenario.take(requestedCall);
  scenario.take(scenario.verdict(requestedCall));
  return requestedCall.meta.id;
}

describe('after a crash', () => {
  test('a write with a key is closed as unknown at once, and never repeated here', () => {
    started(keyed);
    expect(scenario.crash()).toEqual(['tool.outcome_unknown']);
    expect(scenario.started).toHaveLength(1);
  });

  test('a write without a key is closed only when its host must have stopped', () => {
    started(unkeyed);
    expect(scenario.crash()).toEqual([]);
    const deadline = 1_000 + 10_000;
    expect(scenario.nextDue()).toBe(deadline + 5_000);
    expect(scenario.due(deadline + 4_999)).toEqual([]);
    expect(scenario.due(deadline + 5_000)).toEqual(['tool.outcome_unknown']);
    expect(scenario.started).toHaveLength(1);
    expect(scenario.nextDue()).toBeUndefined();
  });

  test('more calls than fit into one decision expire, or are closed, over several', () => {
    for (let call = 0; call < 100; call += 1) started(unkeyed);
    for (let call = 0; call < 100; call += 1) scenario.take(scenario.requestCall(keyed));
    scenario.running.clear();
    const said: string[][] = [];
    while (scenario.nextDue() !== undefined && said.length < 9) said.push(scenario.due(60_000));
    expect(said.map(({ length }) => length)).toEqual([180, 20]);
    expect(new Set(said.flat())).toEqual(new Set(['tool.outcome_unknown', 'tool.refused: expired']));
  });

  test('a read that was running is read again', () => {
    const requestId = started(read);
    expect(scenario.crash()).toEqual([]);
    expect(scenario.started.map(({ id }) => id)).toEqual([requestId, requestId]);
    expect(scenario.ends(requestId, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
  });

  test('nothing starts before every input was read, so a revocation written during the outage wins', () => {
    scenario.caughtUp = false;
    const requestedCall = scenario.requestCall(unkeyed);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual([]);
    expect(scenario.take(scenario.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(scenario.crash()).toEqual([]);
    expect(scenario.started).toEqual([]);
  });

  test('a call that was complete but not started is performed once every input was read', () => {
    scenario.caughtUp = false;
    const requestedCall = scenario.requestCall(unkeyed);
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    expect(scenario.crash()).toEqual(['tool.attempt_started']);
    expect(scenario.started).toHaveLength(1);
  });

  test('an intent of ours that is still on its way into the log is not taken for a lost one', () => {
    started(keyed);
    scenario.running.clear();
    expect(scenario.due(1_001)).toEqual([]);
    expect(scenario.due(1_000 + 10_000 + 5_000)).toEqual(['tool.outcome_unknown']);
  });

  test('an attempt that this process still runs is not closed', () => {
    const requestId = started(unkeyed);
    expect(scenario.due(1_000_000)).toEqual([]);
    expect(scenario.ends(requestId, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
  });
});

describe('an outcome that is handed over', () => {
  test('answers an attempt that is still open', () => {
    const requestedCall = scenario.requestCall(unkeyed);
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    scenario.crash();
    expect(scenario.take(scenario.handover(requestedCall))).toEqual(['tool.succeeded']);
    expect(scenario.state).toBeUndefined();
  });

  test('is late for an attempt that was closed as unknown, once; anywhere else it says nothing', () => {
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.handover(requestedCall))).toEqual([]);
    scenario.take(scenario.verdict(requestedCall));
    scenario.crash();
    expect(scenario.take(scenario.handover(requestedCall))).toEqual(['tool.outcome_late']);
    expect(scenario.take(scenario.handover(requestedCall))).toEqual([]);
  });
});

describe('the answer to a write', () => {
  test('that timed out is unknown; when its outcome comes after all it is late', () => {
    const requestId = started(unkeyed);
    const effect = scenario.running.get(requestId);
    expect(scenario.ends(requestId, { kind: 'unknown', because: 'no answer' })).toEqual([
      'tool.outcome_unknown',
    ]);
    if (effect !== undefined) scenario.running.set(requestId, effect);
    expect(scenario.ends(requestId, { kind: 'succeeded', output: {} })).toEqual(['tool.outcome_late']);
    expect(scenario.state).toBeUndefined();
  });

  test('that never reached the world says so', () => {
    const requestId = started(unkeyed);
    expect(scenario.ends(requestId, { kind: 'not_performed', because: 'too late' })).toEqual([
      'tool.refused: expired',
    ]);
  });

  test('is forgotten when an outcome can no longer come', () => {
    started(keyed);
    scenario.crash();
    expect(scenario.state).toBeDefined();
    scenario.now += 8 * 86_400_000;
    const later = scenario.requestCall(keyed, { notAfter: scenario.now + 1 });
    scenario.take(later);
    expect(scenario.take(scenario.revoke(later))).toEqual(['tool.refused: revoked']);
    expect(scenario.state).toBeUndefined();
  });
});

describe('how to undo a write', () => {
  const compensation = { tool: 'refunds.cancel', arguments: { refundId: 'r-1' } };
  const succeeded = { kind: 'succeeded' as const, output: { ok: true }, compensation };

  test('is said with its outcome', () => {
    scenario.ends(started(keyed), succeeded);
    expect(scenario.written.at(-1)).toMatchObject({ output: { ok: true }, compensation });
  });

  test('is said with an outcome that comes late', () => {
    const requestId = started(unkeyed);
    const effect = scenario.running.get(requestId);
    scenario.ends(requestId, { kind: 'unknown', because: 'no answer' });
    if (effect !== undefined) scenario.running.set(requestId, effect);
    scenario.ends(requestId, succeeded);
    expect(scenario.written.at(-1)).toMatchObject({ outcome: { ok: true, compensation } });
  });

  test('is handed over with its outcome, in time and late', () => {
    const result = { callHash: 'h', effect: 'write' as const, tookMs: 1, end: succeeded };
    expect(handoverOf('run-1', 'a', result)?.data.outcome).toEqual({
      ok: true,
      output: { ok: true },
      compensation,
    });
    for (const [tool, isLate] of [
      [unkeyed, false],
      [keyed, true],
    ] as const) {
      const requestedCall = scenario.requestCall(tool);
      scenario.take(requestedCall);
      scenario.take(scenario.verdict(requestedCall));
      scenario.crash();
      scenario.take(scenario.handover(requestedCall, compensation));
      expect(scenario.written.at(-1)).toMatchObject(
        isLate ? { outcome: { compensation } } : { compensation },
      );
    }
  });

  test('is asked of a verification for the write that it verifies', () => {
    const verifies = { tool: 'mail.send', toolHash: unkeyed.toolHash };
    const requestedCall = scenario.requestCall(read, { purpose: 'verify', verifies });
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    expect(scenario.started.at(-1)?.data).toMatchObject({ effect: 'read', verifies });
    scenario.ends(requestedCall.meta.id, succeeded);
    expect(scenario.written.at(-1)).toMatchObject({ compensation });
  });
});
