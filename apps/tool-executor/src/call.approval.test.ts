import type { ApprovalRequirement } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { APPROVAL, CallScenario, keyed, read, vote } from './call.scenario.js';
import type { Received } from './deferred-calls.js';

const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'] };
let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

const requestedCall = (tool = keyed, change: Parameters<CallScenario['requestCall']>[1] = {}) =>
  scenario.requestCall(tool, { approvalId: APPROVAL, ...change });
const takeAll = (...messages: readonly Received[]) => messages.flatMap((message) => scenario.take(message));

describe('a call that people approved', () => {
  test('is performed once policy allows it and the approval service confirms it, in any order', () => {
    const first = requestedCall();
    scenario.take(first);
    expect(scenario.take(scenario.verdict(first, { approval: dual }))).toEqual([]);
    expect(scenario.take(scenario.confirm(first))).toEqual(['tool.attempt_started']);
    const second = requestedCall();
    scenario.take(second);
    expect(scenario.take(scenario.confirm(second))).toEqual([]);
    expect(scenario.take(scenario.verdict(second, { approval: dual }))).toEqual(['tool.attempt_started']);
    expect(scenario.deferred).toEqual([]);
  });

  test('is performed when policy requires nobody any more', () => {
    const call = requestedCall();
    expect(takeAll(call, scenario.confirm(call, { votes: [vote('bea')] }), scenario.verdict(call))).toEqual([
      'tool.attempt_started',
    ]);
  });

  test('that reads is read again by another host, with the same confirmation', () => {
    const call = requestedCall(read);
    takeAll(call, scenario.verdict(call, { approval: dual }), scenario.confirm(call));
    expect(scenario.deferred).toHaveLength(3);
    scenario.crash();
    expect(scenario.started).toHaveLength(2);
    expect(scenario.ends(call.meta.id, { kind: 'succeeded', output: {} })).toEqual(['tool.succeeded']);
    expect(scenario.deferred).toEqual([]);
  });

  test('is refused when nothing confirms it in time', () => {
    const call = requestedCall();
    takeAll(call, scenario.verdict(call, { approval: dual }));
    expect(scenario.nextDue()).toBe(60_000);
    expect(scenario.due(60_000)).toEqual(['tool.refused: expired']);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('is not performed after it was revoked; what people said of it goes with it', () => {
    const call = requestedCall();
    takeAll(call, scenario.confirm(call));
    expect(scenario.take(scenario.revoke(call))).toEqual(['tool.refused: revoked']);
    expect(scenario.deferred).toEqual([]);
    expect(takeAll(scenario.confirm(call), scenario.verdict(call))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('is performed once, however often it is confirmed', () => {
    const call = requestedCall(read);
    takeAll(
      call,
      scenario.confirm(call),
      scenario.confirm(call),
      scenario.verdict(call),
      scenario.confirm(call),
    );
    expect(scenario.started).toHaveLength(1);
    scenario.ends(call.meta.id, { kind: 'succeeded', output: {} });
    expect(scenario.take(scenario.confirm(call))).toEqual([]);
    expect(scenario.deferred).toEqual([]);
  });
});

describe('an approval allows nothing', () => {
  test('that another request of the same call waits for', () => {
    const earlier = requestedCall();
    const call = requestedCall();
    expect(
      takeAll(earlier, call, scenario.confirm(earlier), scenario.verdict(call, { approval: dual })),
    ).toEqual([]);
    expect(scenario.deferred).toHaveLength(4);
    expect(scenario.started).toEqual([]);
  });

  test('that policy denies', () => {
    const call = requestedCall();
    expect(takeAll(call, scenario.confirm(call), scenario.verdict(call, { verdict: 'deny' }))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('without an approvalId: the request is forgotten as if nobody had spoken', () => {
    const call = scenario.requestCall(keyed);
    expect(takeAll(call, scenario.confirm(call, { approvalId: APPROVAL }))).toEqual([]);
    expect(scenario.deferred).toEqual([call]);
    expect(scenario.take(scenario.verdict(call, { approval: dual }))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });
});

test('a request that policy has not answered yet is refused once it is revoked, though its approval is granted no longer', () => {
  const call = requestedCall();
  expect(takeAll(call, scenario.unconfirm(call))).toEqual([]);
  expect(scenario.take(scenario.revoke(call))).toEqual(['tool.refused: revoked']);
  expect(scenario.deferred).toEqual([]);
});

describe('an honest race ends the request without an answer', () => {
  test('when the approval is granted no longer', () => {
    for (const verdictFirst of [true, false]) {
      const call = requestedCall();
      const messages = [scenario.verdict(call, { approval: dual }), scenario.unconfirm(call)];
      expect(takeAll(call, ...(verdictFirst ? messages : messages.toReversed()))).toEqual([]);
    }
    expect(scenario).toMatchObject({ deferred: [], started: [] });
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
    expect(takeAll(call, scenario.verdict(call, { approval }), scenario.confirm(call, { votes }))).toEqual(
      [],
    );
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('when one of several verdicts demands more', () => {
    const call = requestedCall(keyed, { needs: ['after-0'] });
    const about = { checkId: 'after-0', point: 'after' as const, requestId: 'run-1/0' };
    const after = scenario.verdict(call, { ...about, approval: { kind: 'single', approvers: ['cfo'] } });
    expect(takeAll(call, scenario.confirm(call), scenario.verdict(call, { approval: dual }), after)).toEqual(
      [],
    );
    expect(scenario).toMatchObject({ deferred: [], started: [] });
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
      const messages = [scenario.verdict(call, { approval: dual }), scenario.confirm(call, change)];
      expect(takeAll(call, ...(verdictFirst ? messages : messages.toReversed()))).toEqual([
        `tool.refused: ${code}`,
      ]);
    }
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('a confirmation and a verdict that repeat a made up hash', () => {
    const call = requestedCall(keyed, { callHash: 'made up' });
    expect(takeAll(call, scenario.verdict(call, { approval: dual }), scenario.confirm(call))).toEqual([
      'tool.refused: wrong_hash',
    ]);
    expect(scenario.started).toEqual([]);
  });
});
