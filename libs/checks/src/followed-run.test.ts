import {
  CallRecorded,
  CallRequested,
  InfluenceFollowed,
  InfluenceForgotten,
  InfluenceLost,
  InfluenceNoted,
  RunMigrated,
  RunStarted,
  StepCompleted,
} from '@interlock/contracts';
import { noFacts } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { callAsRequested } from './check.fixture.js';
import type { CheckEvent } from './check.messages.js';
import { evolveFollowed, type FollowedRun, Following, factTypes, lostOn, mayTell } from './followed-run.js';

const asked = { kind: 'asked', step: 'plan', level: 'assisted', model: 'local/m', plan: 'p1' } as const;
const followed = InfluenceFollowed({ workflow: 'w1', agents: ['plan'] });
const run = (...events: CheckEvent[]): FollowedRun | undefined =>
  events.reduce<FollowedRun | undefined>(evolveFollowed, undefined);
const known = run(followed, InfluenceNoted({ fact: asked }));

const started = (...kinds: string[]) =>
  RunStarted({
    commandId: 'c1',
    rootRunId: 'run-1',
    requestHash: 'r1',
    salt: 'salt',
    by: { sub: 'ada', roles: [] },
    workflow: { name: 'refunds', version: 1, hash: 'w1' },
    compiled: { steps: kinds.map((kind, at) => ({ kind, id: `s${at}` })) },
    input: null,
    deadline: 1,
  });

/** What policy notes of one event of a run that it keeps like this. */
function noted(kept: FollowedRun | undefined, take: (following: Following) => void): CheckEvent[] {
  const following = new Following(kept);
  take(following);
  return following.events;
}

describe('a run is kept', () => {
  test('from its start, where its workflow has an agent step, by the ids of these', () => {
    expect(noted(undefined, (following) => following.take(started('tool', 'agent'), 'run-1/9'))).toEqual([
      InfluenceFollowed({ workflow: 'w1', agents: ['s1'] }),
    ]);
    expect(noted(undefined, (following) => following.take(started('tool', 'wait'), 'run-1/9'))).toEqual([]);
  });

  test('until it has ended, and one that is not kept is not forgotten', () => {
    expect(noted(known, (following) => following.forget('run.completed'))).toEqual([
      InfluenceForgotten({ because: 'run.completed' }),
    ]);
    expect(noted(undefined, (following) => following.forget('run.completed'))).toEqual([]);
    expect(run(followed, InfluenceForgotten({ because: 'run.completed' }))).toBeUndefined();
  });

  test('without anything before a fact is noted', () => {
    expect(run(followed)).toEqual({ workflow: 'w1', agents: ['plan'], facts: noFacts });
    expect(run(InfluenceNoted({ fact: asked }))).toBeUndefined();
  });
});

describe('of an event policy notes', () => {
  const used = StepCompleted({ step: 'plan', via: 'agent', output: 1 });

  test('what it adds, and nothing of one that says nothing new', () => {
    const fact = InfluenceNoted({ fact: { kind: 'used', step: 'plan' } });
    expect(noted(known, (following) => following.take(used, 'run-1/9'))).toEqual([fact]);
    const again = (following: Following) => {
      following.take(used, 'run-1/9');
      following.take(used, 'run-1/9');
    };
    expect(noted(known, again)).toEqual([fact]);
  });

  test('nothing where the run is not kept', () => {
    expect(noted(undefined, (following) => following.take(used, 'run-1/9'))).toEqual([]);
  });

  test('an approval only when policy itself knows it to be granted', () => {
    const call = callAsRequested({ approvalId: 'run-1.7' });
    const callRequest = CallRequested(call);
    expect(noted(known, (following) => following.take(callRequest, 'run-1/9'))).toEqual([]);
    const approved = { callHash: call.callHash, requestId: 'run-1/9' };
    expect(noted(known, (following) => following.approved(call, 'run-1/9'))).toEqual([
      InfluenceNoted({ fact: { kind: 'requested', step: 'pay', approved } }),
    ]);
  });

  test('that a call was approved, once it has succeeded as it was approved', () => {
    const call = callAsRequested({ approvalId: 'run-1.7' });
    const outcome = { kind: 'succeeded', output: 1 } as const;
    const take = (requestId: string) =>
      noted(known, (following) => {
        following.approved(call, 'run-1/1');
        following.approved(call, 'run-1/5');
        following.take(CallRecorded({ requestId, step: 'pay', outcome }), 'run-1/9');
      }).slice(2);
    const endorsed = [InfluenceNoted({ fact: { kind: 'endorsed', step: 'pay' } })];
    expect(take('run-1/1')).toEqual(endorsed);
    expect(take('run-1/5')).toEqual(endorsed);
    expect(take('run-1/7')).toEqual([]);
  });
});

describe('a run is lost', () => {
  test.each(factTypes)('on %s that cannot be followed, once', (type) => {
    expect(lostOn({ type }, known).map((event) => event.type)).toEqual(['influence.lost']);
    expect(lostOn({ type }, run(followed, InfluenceLost({ because: type })))).toEqual([]);
  });

  test('on a start that cannot be followed, whether or not a model may act in it', () => {
    expect(lostOn({ type: 'run.started' }, undefined).map(({ type }) => type)).toEqual(['influence.lost']);
    expect(run(InfluenceLost({ because: 'run.started' }))).toMatchObject({ isLost: true, agents: [] });
  });

  test('on nothing that says nothing of a model', () => {
    expect(lostOn({ type: 'call.revoked' }, known)).toEqual([]);
    expect(lostOn({ type: 'call.recorded' }, undefined)).toEqual([]);
  });

  test('and keeps what it knew', () => {
    expect(evolveFollowed(known, InfluenceLost({ because: 'x' }))).toEqual({ ...known, isLost: true });
  });
});

test.each([
  ['run.started', '{"compiled":{"steps":[{"kind":"agent"}]}}', true],
  ['run.started', '{"compiled":{"steps":[{"kind":"tool"}]}}', false],
  ['step.completed', '{"step":"a","via":"agent"}', true],
  ['step.completed', '{"step":"a","via":"approval"}', true],
  ['step.completed', '{"step":"a","via":"call"}', false],
  ['call.recorded', '{}', true],
])('a first look at the bytes of %s %s says that it may tell something: %s', (type, text, tells) => {
  expect(mayTell(type, Buffer.from(text))).toBe(tells);
});

describe('a run that goes on as another version of its workflow says', () => {
  const migrated = (...kinds: string[]) =>
    RunMigrated({
      commandId: 'c2',
      by: { sub: 'ada', roles: ['operator'] },
      reason: 'a reason',
      from: { version: 1, hash: 'w1' },
      workflow: { name: 'refunds', version: 2, hash: 'w2' },
      compiled: { steps: kinds.map((kind, at) => ({ kind, id: `s${at}` })) },
      deadline: 1,
      added: [],
      removed: [],
      undoneAsBefore: [],
    });
  const take = (kept: FollowedRun | undefined, ...kinds: string[]) =>
    noted(kept, (following) => following.take(migrated(...kinds), 'run-1/9'));

  test('is followed from there on by that version, and nothing of its models is forgotten', () => {
    const events = take(known, 'tool', 'agent');
    expect(events).toEqual([
      InfluenceFollowed({ workflow: 'w2', agents: ['s1'] }),
      InfluenceNoted({ fact: asked }),
    ]);
    expect(events.reduce(evolveFollowed, known)).toEqual({ ...known, workflow: 'w2', agents: ['s1'] });
  });

  test('is followed still where no model may act any more, and not where none ever could', () => {
    expect(take(known, 'tool')).toHaveLength(2);
    expect(take(undefined, 'tool')).toEqual([]);
    expect(take(undefined, 'agent')).toEqual([InfluenceFollowed({ workflow: 'w2', agents: ['s0'] })]);
  });

  test('that could not be followed before stays lost', () => {
    const lost = run(followed, InfluenceLost({ because: 'call.recorded' }));
    expect(take(lost, 'agent')).toEqual([]);
  });

  test('is read whatever its bytes say, and lost if it cannot be', () => {
    expect(mayTell('run.migrated', Buffer.from('{}'))).toBe(true);
    expect(lostOn({ type: 'run.migrated' }, undefined)).toHaveLength(1);
  });
});
