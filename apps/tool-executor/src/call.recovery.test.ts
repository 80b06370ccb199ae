import { beforeEach, describe, expect, test } from 'vitest';
import { handoverOf } from './call.effect.js';
import { CallScenario, keyed, read, unkeyed } from './call.scenario.js';

let desk: CallScenario;
beforeEach(() => {
  desk = new CallScenario();
});

function started(tool: typeof keyed): string {
  const requestedCall = desk.requestCall(tool);
  desk.take(requestedCall);
  desk.take(desk.verdict(requestedCall));
  return requestedCall.meta.id;
}

describe('after a crash', () => {
  test('a write with a key is closed as unknown at once, and never repeated here', () => {
    started(keyed);
    expect(desk.crash()).toEqual(['tool.outcome_unknown']);
    expect(desk.started).toHaveLength(1);
  });

  test('a write without a key is closed only when its host must have stopped', () => {
    started(unkeyed);
    expect(desk.crash()).toEqual([]);
    const deadline = 1_000 + 10_000;
    expect(desk.nextDue()).toBe(deadline + 5_000);
    expect(desk.due(deadline + 4_999)).toEqual([]);
    expect(desk.due(deadline + 5_000)).toEqual(['tool.outcome_unknown']);
    expect(desk.started).toHaveLength(1);
    expect(desk.nextDue()).toBeUndefined();
  });

  test('more calls than fit into one decision expire, or are closed, over several', () => {
    for (let call = 0; call < 100; call += 1) started(unkeyed);
    for (let call = 0; call < 100; call += 1) desk.take(desk.requestCall(keyed));
    desk.running.clear();
    const said: string[][] = [];
    while (desk.nextDue() !== undefined && said.length < 9) said.push(desk.due(60_000));
    expect(said.map(({ length }) => length)).toEqual([180, 20]);
    expect(new Set(said.flat())).toEqual(new Set(['tool.outcome_unknown', 'tool.refused: expired']));
  });

  test('a read that was running is read again', () => {
    const requestId = started(read);
    expect(desk.crash()).toEqual([]);
    expect(desk.started.map(({ id }) => id)).toEqual([requestId, requestId]);
    expect(desk.ends(requestId, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
  });

  test('nothing starts before every input was read, so a revocation written during the outage wins', () => {
    desk.caughtUp = false;
    const requestedCall = desk.requestCall(unkeyed);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall))).toEqual([]);
    expect(desk.take(desk.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(desk.crash()).toEqual([]);
    expect(desk.started).toEqual([]);
  });

  test('a call that was complete but not started is performed once every input was read', () => {
    desk.caughtUp = false;
    const requestedCall = desk.requestCall(unkeyed);
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    expect(desk.crash()).toEqual(['tool.attempt_started']);
    expect(desk.started).toHaveLength(1);
  });

  test('an intent of ours that is still on its way into the log is not taken for a lost one', () => {
    started(keyed);
    desk.running.clear();
    expect(desk.due(1_001)).toEqual([]);
    expect(desk.due(1_000 + 10_000 + 5_000)).toEqual(['tool.outcome_unknown']);
  });

  test('an attempt that this process still runs is not closed', () => {
    const requestId = started(unkeyed);
    expect(desk.due(1_000_000)).toEqual([]);
    expect(desk.ends(requestId, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
  });
});

describe('an outcome that is handed over', () => {
  test('answers an attempt that is still open', () => {
    const requestedCall = desk.requestCall(unkeyed);
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    desk.crash();
    expect(desk.take(desk.handover(requestedCall))).toEqual(['tool.succeeded']);
    expect(desk.state).toBeUndefined();
  });

  test('is late for an attempt that was closed as unknown, once; anywhere else it says nothing', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    expect(desk.take(desk.handover(requestedCall))).toEqual([]);
    desk.take(desk.verdict(requestedCall));
    desk.crash();
    expect(desk.take(desk.handover(requestedCall))).toEqual(['tool.outcome_late']);
    expect(desk.take(desk.handover(requestedCall))).toEqual([]);
  });
});

describe('the answer to a write', () => {
  test('that timed out is unknown; when its outcome comes after all it is late', () => {
    const requestId = started(unkeyed);
    const effect = desk.running.get(requestId);
    expect(desk.ends(requestId, { kind: 'unknown', because: 'no answer' })).toEqual(['tool.outcome_unknown']);
    if (effect !== undefined) desk.running.set(requestId, effect);
    expect(desk.ends(requestId, { kind: 'succeeded', output: {} })).toEqual(['tool.outcome_late']);
    expect(desk.state).toBeUndefined();
  });

  test('that never reached the world says so', () => {
    const requestId = started(unkeyed);
    expect(desk.ends(requestId, { kind: 'not_performed', because: 'too late' })).toEqual([
      'tool.refused: expired',
    ]);
  });

  test('is forgotten when an outcome can no longer come', () => {
    started(keyed);
    desk.crash();
    expect(desk.state).toBeDefined();
    desk.now += 8 * 86_400_000;
    const later = desk.requestCall(keyed, { notAfter: desk.now + 1 });
    desk.take(later);
    expect(desk.take(desk.revoke(later))).toEqual(['tool.refused: revoked']);
    expect(desk.state).toBeUndefined();
  });
});

describe('how to undo a write', () => {
  const compensation = { tool: 'refunds.cancel', arguments: { refundId: 'r-1' } };
  const succeeded = { kind: 'succeeded' as const, output: { ok: true }, compensation };

  test('is said with its outcome', () => {
    desk.ends(started(keyed), succeeded);
    expect(desk.written.at(-1)).toMatchObject({ output: { ok: true }, compensation });
  });

  test('is said with an outcome that comes late', () => {
    const requestId = started(unkeyed);
    const effect = desk.running.get(requestId);
    desk.ends(requestId, { kind: 'unknown', because: 'no answer' });
    if (effect !== undefined) desk.running.set(requestId, effect);
    desk.ends(requestId, succeeded);
    expect(desk.written.at(-1)).toMatchObject({ outcome: { ok: true, compensation } });
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
      const requestedCall = desk.requestCall(tool);
      desk.take(requestedCall);
      desk.take(desk.verdict(requestedCall));
      desk.crash();
      desk.take(desk.handover(requestedCall, compensation));
      expect(desk.written.at(-1)).toMatchObject(isLate ? { outcome: { compensation } } : { compensation });
    }
  });

  test('is asked of a verification for the write that it verifies', () => {
    const verifies = { tool: 'mail.send', toolHash: unkeyed.toolHash };
    const requestedCall = desk.requestCall(read, { purpose: 'verify', verifies });
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    expect(desk.started.at(-1)?.data).toMatchObject({ effect: 'read', verifies });
    desk.ends(requestedCall.meta.id, succeeded);
    expect(desk.written.at(-1)).toMatchObject({ compensation });
  });
});
