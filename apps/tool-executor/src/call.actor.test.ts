import { beforeEach, describe, expect, test } from 'vitest';
import { CallScenario, keyed, read, unkeyed } from './call.scenario.js';

let desk: CallScenario;
beforeEach(() => {
  desk = new CallScenario();
});

describe('an allowed call', () => {
  test('that writes is performed after its intent is in the log, and answered once', () => {
    const requestedCall = desk.requestCall(keyed);
    expect(desk.take(requestedCall)).toEqual([]);
    expect(desk.started).toEqual([]);
    expect(desk.take(desk.verdict(requestedCall))).toEqual(['tool.attempt_started']);
    expect(desk.started.map(({ id }) => id)).toEqual([requestedCall.meta.id]);
    expect(desk.deferred).toEqual([]);
    expect(desk.ends(requestedCall.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual([
      'tool.succeeded',
    ]);
    expect(desk.state).toBeUndefined();
  });

  test('that reads is performed at once and keeps what allowed it until its result is in', () => {
    const requestedCall = desk.requestCall(read);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall))).toEqual([]);
    expect(desk.started).toHaveLength(1);
    expect(desk.deferred).toHaveLength(2);
    expect(desk.ends(requestedCall.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual([
      'tool.succeeded',
    ]);
    expect(desk.deferred).toEqual([]);
  });

  test('waits for every check it needs; one verdict may count for two calls of the same append', () => {
    const first = desk.requestCall(keyed, { step: 'a', needs: ['after-0'] });
    const second = desk.requestCall(keyed, { step: 'b', needs: ['after-0'] });
    desk.take(first);
    desk.take(second);
    expect(desk.take(desk.verdict(first))).toEqual([]);
    const after = desk.verdict(first, {
      checkId: 'after-0',
      point: 'after',
      requestId: 'earlier',
    });
    expect(desk.take(after)).toEqual(['tool.attempt_started']);
    expect(desk.deferred).toEqual([second, after]);
    expect(desk.take(desk.verdict(second))).toEqual(['tool.attempt_started']);
    expect(desk.deferred).toEqual([]);
  });
});

describe('nothing is called', () => {
  test('when policy denies: the request is forgotten and not answered', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall, { verdict: 'deny' }))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [], state: undefined });
  });

  test('when the verdict asks for people and nobody has approved', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    const approval = { kind: 'single' as const, approvers: ['lead'] };
    expect(desk.take(desk.verdict(requestedCall, { approval }))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('when an earlier output it was made from is redacted: it waits for its revocation', () => {
    const calls = new CallScenario();
    const requestedCall = calls.requestCall(keyed, { needs: ['check-0'] });
    calls.take(requestedCall);
    calls.take(calls.verdict(requestedCall));
    const redacting = calls.verdict(requestedCall, {
      checkId: 'check-0',
      point: 'after',
      requestId: 'run-1/0',
      redact: ['email'],
    });
    expect(calls.take(redacting)).toEqual([]);
    expect(calls.started).toEqual([]);
    expect(calls.take(calls.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(calls.deferred).toEqual([]);
  });

  test('when the verdict is for another call: a blocked unsafe attempt', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall, { callHash: 'of another call' }))).toEqual([
      'tool.refused: wrong_hash',
    ]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('when the requested hash is not that of the arguments, even if policy repeats it', () => {
    const requestedCall = desk.requestCall(keyed, { callHash: 'made up' });
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall))).toEqual(['tool.refused: wrong_hash']);
    expect(desk.started).toEqual([]);
  });

  test('when the requested hash is made up and policy answers with the true one', () => {
    const honest = desk.requestCall(keyed).data as { callHash: string };
    const requestedCall = desk.requestCall(keyed, { callHash: 'made up' });
    desk.take(requestedCall);
    const verdict = desk.verdict(requestedCall, { callHash: honest.callHash });
    expect(desk.take(verdict)).toEqual(['tool.refused: wrong_hash']);
    expect(desk.started).toEqual([]);
  });

  test('when a forged request has no verdict: it is deferred until notAfter, then refused', () => {
    const requestedCall = desk.requestCall(keyed);
    expect(desk.take(requestedCall)).toEqual([]);
    expect(desk.nextDue()).toBe(60_000);
    expect(desk.due(59_999)).toEqual([]);
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('when only another check allows it: its own is needed whatever the request says', () => {
    const requestedCall = desk.requestCall(keyed, { needs: ['after-0'] });
    desk.take(requestedCall);
    const other = { checkId: 'after-0', point: 'after', requestId: 'earlier' } as const;
    expect(desk.take(desk.verdict(requestedCall, other))).toEqual([]);
    expect(desk.started).toEqual([]);
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
    expect(desk.deferred).toEqual([]);
  });

  test('when the verdict under its id speaks about the result of another call', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall, { point: 'after' }))).toEqual([
      'tool.refused: no_matching_check',
    ]);
    expect(desk.started).toEqual([]);
  });

  test.each([
    ['a hash that is not loaded', { toolHash: 'other' }],
    ['the name of another tool', { tool: 'orders.get' }],
    ['a write that is called a read', { effect: 'read' as const }],
  ])('when the tool is pinned by %s', (_name, overrides) => {
    const requestedCall = desk.requestCall(keyed, overrides);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall))).toEqual(['tool.refused: unknown_tool']);
    expect(desk.started).toEqual([]);
  });

  test.each([read, keyed])('when the tool’s own schema refuses the input, where its code runs', (tool) => {
    const requestedCall = desk.requestCall(tool, { arguments: { orderId: '' } });
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    expect(desk.ends(requestedCall.meta.id, { kind: 'refused', message: 'too short' })).toEqual([
      'tool.refused: invalid_input',
    ]);
    expect(desk.deferred).toEqual([]);
    expect(desk.state).toBeUndefined();
  });

  test('because of a shadow verdict, or of one for no deferred call', () => {
    const requestedCall = desk.requestCall(keyed);
    expect(desk.take(desk.verdict(requestedCall))).toEqual([]);
    expect(desk.deferred).toEqual([]);
    desk.take(requestedCall);
    expect(desk.take(desk.verdict(requestedCall, { mode: 'shadow' }))).toEqual([]);
    expect(desk.deferred).toEqual([requestedCall]);
    expect(desk.started).toEqual([]);
  });

  test('when the verdict comes too late: only the due input refuses, so an unread answer still counts', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    desk.now = 60_000;
    expect(desk.take(desk.verdict(requestedCall))).toEqual([]);
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });
});

describe('revocation', () => {
  test('before the verdict refuses the call; the verdict is then dropped', () => {
    const requestedCall = desk.requestCall(keyed);
    desk.take(requestedCall);
    expect(desk.take(desk.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(desk.take(desk.verdict(requestedCall))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('stops a read that runs, and drops its result', () => {
    const requestedCall = desk.requestCall(read);
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    expect(desk.take(desk.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(desk.stopped).toEqual([requestedCall.meta.id]);
    expect(desk.ends(requestedCall.meta.id, { kind: 'succeeded', output: {} })).toEqual([]);
  });

  test('comes too late for a write that has started: its outcome is the answer', () => {
    const requestedCall = desk.requestCall(unkeyed);
    desk.take(requestedCall);
    desk.take(desk.verdict(requestedCall));
    expect(desk.take(desk.revoke(requestedCall))).toEqual([]);
    expect(desk.ends(requestedCall.meta.id, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
  });
});
