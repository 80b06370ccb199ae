import type { ApprovalRequirement } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { APPROVAL, CallScenario, keyed, read, vote } from './call.scenario.js';
import type { Received } from './deferred-calls.js';

const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'] };
let desk: CallScenario;
beforeEach(() => {
  desk = new CallScenario();
});

const requestedCall = (tool = keyed, change: Parameters<CallScenario['requestCall']>[1] = {}) =>
  desk.requestCall(tool, { approvalId: APPROVAL, ...change });
const takeAll = (...messages: readonly Received[]) => messages.flatMap((message) => desk.take(message));

describe('a call that people approved', () => {
  test('is performed once policy allows it and the approval service confirms it, in any order', () => {
    const first = requestedCall();
    desk.take(first);
    expect(desk.take(desk.verdict(first, { approval: dual }))).toEqual([]);
    expect(desk.take(desk.confirm(first))).toEqual(['tool.attempt_started']);
    const second = requestedCall();
    desk.take(second);
    expect(desk.take(desk.confirm(second))).toEqual([]);
    expect(desk.take(desk.verdict(second, { approval: dual }))).toEqual(['tool.attempt_started']);
    expect(desk.deferred).toEqual([]);
  });

  test('is performed when policy requires nobody any more', () => {
    const call = requestedCall();
    expect(takeAll(call, desk.confirm(call, { votes: [vote('bea')] }), desk.verdict(call))).toEqual([
      'tool.attempt_started',
    ]);
  });

  test('that reads is read again by another host, with the same confirmation', () => {
    const call = requestedCall(read);
    takeAll(call, desk.verdict(call, { approval: dual }), desk.confirm(call));
    expect(desk.deferred).toHaveLength(3);
    desk.crash();
    expect(desk.started).toHaveLength(2);
    expect(desk.ends(call.meta.id, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
    expect(desk.deferred).toEqual([]);
  });

  test('is refused when nothing confirms it in time', () => {
    const call = requestedCall();
    takeAll(call, desk.verdict(call, { approval: dual }));
    expect(desk.nextDue()).toBe(60_000);
    expect(desk.due(60_000)).toEqual(['tool.refused: expired']);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('is not performed after it was revoked; what people said of it goes with it', () => {
    const call = requestedCall();
    takeAll(call, desk.confirm(call));
    expect(desk.take(desk.revoke(call))).toEqual(['tool.refused: revoked']);
    expect(desk.deferred).toEqual([]);
    expect(takeAll(desk.confirm(call), desk.verdict(call))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('is performed once, however often it is confirmed', () => {
    const call = requestedCall(read);
    takeAll(call, desk.confirm(call), desk.confirm(call), desk.verdict(call), desk.confirm(call));
    expect(desk.started).toHaveLength(1);
    desk.ends(call.meta.id, { kind: 'succeeded', output: {} });
    expect(desk.take(desk.confirm(call))).toEqual([]);
    expect(desk.deferred).toEqual([]);
  });
});

describe('an approval allows nothing', () => {
  test('that another request of the same call waits for', () => {
    const earlier = requestedCall();
    const call = requestedCall();
    expect(takeAll(earlier, call, desk.confirm(earlier), desk.verdict(call, { approval: dual }))).toEqual([]);
    expect(desk.deferred).toHaveLength(4);
    expect(desk.started).toEqual([]);
  });

  test('that policy denies', () => {
    const call = requestedCall();
    expect(takeAll(call, desk.confirm(call), desk.verdict(call, { verdict: 'deny' }))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('without an approvalId: the request is forgotten as if nobody had spoken', () => {
    const call = desk.requestCall(keyed);
    expect(takeAll(call, desk.confirm(call, { approvalId: APPROVAL }))).toEqual([]);
    expect(desk.deferred).toEqual([call]);
    expect(desk.take(desk.verdict(call, { approval: dual }))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });
});

test('a request that policy has not answered yet is refused once it is revoked, though its approval is granted no longer', () => {
  const call = requestedCall();
  expect(takeAll(call, desk.unconfirm(call))).toEqual([]);
  expect(desk.take(desk.revoke(call))).toEqual(['tool.refused: revoked']);
  expect(desk.deferred).toEqual([]);
});

describe('an honest race ends the request without an answer', () => {
  test('when the approval is granted no longer', () => {
    for (const verdictFirst of [true, false]) {
      const call = requestedCall();
      const messages = [desk.verdict(call, { approval: dual }), desk.unconfirm(call)];
      expect(takeAll(call, ...(verdictFirst ? messages : messages.toReversed()))).toEqual([]);
    }
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test.each<[string, ApprovalRequirement, ReturnType<typeof vote>[]]>([
    ['two people instead of one', dual, [vote('bea')]],
    [
      'another role',
      { kind: 'single', approvers: ['cfo'] },
      [vote('bea'), vote('cleo'), vote('dan', ['support-lead'])],
    ],
    ['two people, and one spoke twice', dual, [vote('bea'), vote('bea')]],
    ['two people, of whom one asked for it', dual, [vote('bea'), vote('ada')]],
    ['people, and one denied', dual, [vote('bea'), vote('cleo'), vote('dan', ['finance'], 'deny')]],
  ])('when the bundle now demands %s', (_name, approval, votes) => {
    const call = requestedCall();
    expect(takeAll(call, desk.verdict(call, { approval }), desk.confirm(call, { votes }))).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('when one of several verdicts demands more', () => {
    const call = requestedCall(keyed, { needs: ['after-0'] });
    const about = { checkId: 'after-0', point: 'after' as const, requestId: 'run-1/0' };
    const after = desk.verdict(call, { ...about, approval: { kind: 'single', approvers: ['cfo'] } });
    expect(takeAll(call, desk.confirm(call), desk.verdict(call, { approval: dual }), after)).toEqual([]);
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });
});

describe('what can only be a lie is a blocked unsafe attempt', () => {
  test.each([
    ['a confirmation of another hash', { callHash: 'of another call' }, 'wrong_hash'],
    ['a confirmation of another approval', { approvalId: 'run-1.8' }, 'no_matching_check'],
    ['a confirmation for another requester', { requester: 'eve' }, 'no_matching_check'],
  ] as const)('%s', (_name, change, code) => {
    for (const verdictFirst of [true, false]) {
      const call = requestedCall();
      const messages = [desk.verdict(call, { approval: dual }), desk.confirm(call, change)];
      expect(takeAll(call, ...(verdictFirst ? messages : messages.toReversed()))).toEqual([
        `tool.refused: ${code}`,
      ]);
    }
    expect(desk).toMatchObject({ deferred: [], started: [] });
  });

  test('a confirmation and a verdict that repeat a made up hash', () => {
    const call = requestedCall(keyed, { callHash: 'made up' });
    expect(takeAll(call, desk.verdict(call, { approval: dual }), desk.confirm(call))).toEqual([
      'tool.refused: wrong_hash',
    ]);
    expect(desk.started).toEqual([]);
  });
});
