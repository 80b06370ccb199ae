import { beforeEach, describe, expect, test } from 'vitest';
import { CallScenario, keyed, read, unkeyed } from './call.scenario.js';

let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

describe('an allowed call', () => {
  test('that writes is performed after its intent is in the log, and answered once', () => {
    const requestedCall = scenario.requestCall(keyed);
    expect(scenario.take(requestedCall)).toEqual([]);
    expect(scenario.started).toEqual([]);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.attempt_started']);
    expect(scenario.started.map(({ id }) => id)).toEqual([requestedCall.meta.id]);
    expect(scenario.deferred).toEqual([]);
    expect(scenario.ends(requestedCall.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual([
      'tool.succeeded',
    ]);
    expect(scenario.state).toBeUndefined();
  });

  test('that reads is performed at once and keeps what allowed it until its result is in', () => {
    const requestedCall = scenario.requestCall(read);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual([]);
    expect(scenario.started).toHaveLength(1);
    expect(scenario.deferred).toHaveLength(2);
    expect(scenario.ends(requestedCall.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual([
      'tool.succeeded',
    ]);
    expect(scenario.deferred).toEqual([]);
  });

  test('waits for every check it needs; one verdict may count for two calls of the same append', () => {
    const first = scenario.requestCall(keyed, { step: 'a', needs: ['after-0'] });
    const second = scenario.requestCall(keyed, { step: 'b', needs: ['after-0'] });
    scenario.take(first);
    scenario.take(second);
    expect(scenario.take(scenario.verdict(first))).toEqual([]);
    const after = scenario.verdict(first, {
      checkId: 'after-0',
      point: 'after',
      requestId: 'earlier',
    });
    expect(scenario.take(after)).toEqual(['tool.attempt_started']);
    expect(scenario.deferred).toEqual([second, after]);
    expect(scenario.take(scenario.verdict(second))).toEqual(['tool.attempt_started']);
    expect(scenario.deferred).toEqual([]);
  });
});

describe('nothing is called', () => {
  test('when policy denies: the request is forgotten and not answered', () => {
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall, { verdict: 'deny' }))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [], state: undefined });
  });

  test('when the verdict asks for people and nobody has approved', () => {
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    const approval = { kind: 'single' as const, approvers: ['lead'] };
    expect(scenario.take(scenario.verdict(requestedCall, { approval }))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
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
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall, { callHash: 'of another call' }))).toEqual([
      'tool.refused: wrong_hash',
    ]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('when the requested hash is not that of the arguments, even if policy repeats it', () => {
    const requestedCall = scenario.requestCall(keyed, { callHash: 'made up' });
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.refused: wrong_hash']);
    expect(scenario.started).toEqual([]);
  });

  test('when the requested hash is made up and policy answers with the true one', () => {
    const honest = scenario.requestCall(keyed).data as { callHash: string };
    const requestedCall = scenario.requestCall(keyed, { callHash: 'made up' });
    scenario.take(requestedCall);
    const verdict = scenario.verdict(requestedCall, { callHash: honest.callHash });
    expect(scenario.take(verdict)).toEqual(['tool.refused: wrong_hash']);
    expect(scenario.started).toEqual([]);
  });

  test('when a forged request has no verdict: it is deferred until notAfter, then refused', () => {
    const requestedCall = scenario.requestCall(keyed);
    expect(scenario.take(requestedCall)).toEqual([]);
    expect(scenario.nextDue()).toBe(60_000);
    expect(scenario.due(59_999)).toEqual([]);
    expect(scenario.due(60_000)).toEqual(['tool.refused: expired']);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('when only another check allows it: its own is needed whatever the request says', () => {
    const requestedCall = scenario.requestCall(keyed, { needs: ['after-0'] });
    scenario.take(requestedCall);
    const other = { checkId: 'after-0', point: 'after', requestId: 'earlier' } as const;
    expect(scenario.take(scenario.verdict(requestedCall, other))).toEqual([]);
    expect(scenario.started).toEqual([]);
    expect(scenario.due(60_000)).toEqual(['tool.refused: expired']);
    expect(scenario.deferred).toEqual([]);
  });

  test('when the verdict under its id speaks about the result of another call', () => {
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall, { point: 'after' }))).toEqual([
      'tool.refused: no_matching_check',
    ]);
    expect(scenario.started).toEqual([]);
  });

  test.each([
    ['the name of another tool', { tool: 'orders.get' }],
    ['a write that is called a read', { effect: 'read' as const }],
  ])('when the tool is pinned by %s', (_name, overrides) => {
    const requestedCall = scenario.requestCall(keyed, overrides);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.refused: unknown_tool']);
    expect(scenario.started).toEqual([]);
  });

  test.each([read, keyed])('when the tool’s own schema refuses the input, where its code runs', (tool) => {
    const requestedCall = scenario.requestCall(tool, { arguments: { orderId: '' } });
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    expect(scenario.ends(requestedCall.meta.id, { kind: 'refused', message: 'too short' })).toEqual([
      'tool.refused: invalid_input',
    ]);
    expect(scenario.deferred).toEqual([]);
    expect(scenario.state).toBeUndefined();
  });

  test('because of a shadow verdict, or of one for no deferred call', () => {
    const requestedCall = scenario.requestCall(keyed);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual([]);
    expect(scenario.deferred).toEqual([]);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall, { mode: 'shadow' }))).toEqual([]);
    expect(scenario.deferred).toEqual([requestedCall]);
    expect(scenario.started).toEqual([]);
  });

  test('when the verdict comes too late: only the due input refuses, so an unread answer still counts', () => {
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    scenario.now = 60_000;
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual([]);
    expect(scenario.due(60_000)).toEqual(['tool.refused: expired']);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });
});

describe('revocation', () => {
  test('before the verdict refuses the call; the verdict is then dropped', () => {
    const requestedCall = scenario.requestCall(keyed);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('stops a read that runs, and drops its result', () => {
    const requestedCall = scenario.requestCall(read);
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    expect(scenario.take(scenario.revoke(requestedCall))).toEqual(['tool.refused: revoked']);
    expect(scenario.stopped).toEqual([requestedCall.meta.id]);
    expect(scenario.ends(requestedCall.meta.id, { kind: 'succeeded', output: {} })).toEqual([]);
  });

  test('comes too late for a write that has started: its outcome is the answer', () => {
    const requestedCall = scenario.requestCall(unkeyed);
    scenario.take(requestedCall);
    scenario.take(scenario.verdict(requestedCall));
    expect(scenario.take(scenario.revoke(requestedCall))).toEqual([]);
    expect(scenario.ends(requestedCall.meta.id, { kind: 'succeeded', output: {} })).toEqual([
      'tool.succeeded',
    ]);
  });
});
