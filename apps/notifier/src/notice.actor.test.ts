import {
  ApprovalRequested,
  type Message,
  type NotificationHook,
  notificationHook,
  OperatorEscalated,
  QuestionAsked,
  RunClosed,
  RunCompleted,
  RunFailed,
  RunLapsed,
  RunMigrated,
  runEvents,
  SlaBreached,
  StepParked,
} from '@interlock/contracts';
import { delivered, due, type Scenario, specification } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import { type Attempt, type NoticeSettings, noticeActor, ON_THE_WAY_MAX } from './notice.actor.js';
import type { FollowedRun } from './notice.state.js';

const HOUR = 3_600_000;
const T0 = 1_000_000;
const hook = (more: object = {}): NotificationHook =>
  notificationHook.parse({
    name: 'ops',
    url: 'https://hooks.example.com/ops',
    secret: 'OPS_SECRET',
    on: ['waiting', 'ended'],
    ...more,
  });

const run = (hooks = [hook()], settings: Partial<NoticeSettings> = {}): Scenario<FollowedRun> =>
  specification<FollowedRun>(
    noticeActor({ hooks, firstDelayMs: 1_000, giveUpMs: 24 * HOUR, ...settings }) as never,
    { key: 'run-1', startsAt: T0 },
  ).given();

const said = (seq: number, message: Message) =>
  delivered(runEvents.name, message, { run: 'run-1', seq, time: T0 + seq });
const started = (more: object = {}) =>
  said(1, {
    type: 'run.started',
    data: { workflow: { name: 'refund', version: 3, hash: 'h' }, by: { sub: 'ada', roles: [], ...more } },
  });
const parked = said(4, { type: StepParked.type, data: { step: 'pay', because: 'in doubt' } });
const asked = said(5, { type: ApprovalRequested.type, data: { step: 'pay' } });
const completed = said(9, RunCompleted({ output: { secret: 1 }, success: true } as never));
const attempted = (noticeId: string, attempt: Attempt, name = 'ops') =>
  ({ kind: 'result', effectId: `${noticeId}/${name}`, result: { noticeId, hook: name, attempt } }) as const;
const failed: Attempt = { kind: 'failed', because: 'it answered 503', isFinal: false };

test('a run that waits for people, and one that ends, are told of, without what they hold', () => {
  const scenario = run().when(started()).thenTypes('notice.run_followed');
  scenario.when(parked).thenEvents({
    type: 'notice.due',
    data: { noticeId: 'run-1/4', kind: 'waiting', step: 'pay', waitsFor: 'operator', hooks: ['ops'] },
  });
  scenario
    .when(asked)
    .thenEvents({ type: 'notice.due', data: { noticeId: 'run-1/5', waitsFor: 'approval' } });
  scenario
    .when(completed)
    .thenEvents(
      { type: 'notice.due', data: { kind: 'ended', status: 'completed' } },
      { type: 'notice.run_unfollowed' },
    );
  expect(JSON.stringify(scenario.events)).not.toContain('secret');
  scenario.when(due);
  expect(scenario.decision.start).toMatchObject([
    { id: 'run-1/4/ops', data: { runId: 'run-1', run: { workflow: { name: 'refund', version: 3 } } } },
    { id: 'run-1/5/ops' },
    { id: 'run-1/9/ops' },
  ]);
});

test('what is late is told of; a run that is handed to people therefore, to those too who hear of what waits', () => {
  const late = (seq: number, action: string, step?: string) =>
    said(seq, { type: SlaBreached.type, data: { stage: step ?? 'complete', step, action, due: 1, by: 0 } });
  const [waits, breaches] = [hook(), hook({ name: 'late', on: ['breached'] })];
  const scenario = run([waits, breaches]).when(started());
  scenario.when(late(4, 'notify', 'pay')).thenEvents({
    type: 'notice.due',
    data: { kind: 'breached', status: 'running', step: 'pay', hooks: ['late'] },
  });
  scenario.when(late(5, 'escalate')).thenEvents({
    type: 'notice.due',
    data: { kind: 'breached', status: 'paused', waitsFor: 'operator', hooks: ['ops', 'late'] },
  });
  scenario.when(late(6, 'fail')).thenEvents({ type: 'notice.due', data: { hooks: ['late'] } });
});

test('what waits for an operator is told of again when others are to look at it', () => {
  const risen = (seq: number, more: object) =>
    said(seq, { type: OperatorEscalated.type, data: { since: 1, to: ['manager'], ...more } });
  const scenario = run().when(started(), parked);
  for (const [seq, more] of [
    [5, { step: 'pay' }],
    [6, {}],
  ] as const)
    scenario.when(risen(seq, more)).thenEvents({
      type: 'notice.due',
      data: { noticeId: `run-1/${seq}`, kind: 'waiting', waitsFor: 'operator', ...more },
    });
  expect(JSON.stringify(scenario.events)).not.toContain('manager');
});

test('what is over for a day is told nobody, when a log is read from its start', () => {
  const scenario = run()
    .after(25 * HOUR)
    .when(started(), parked)
    .thenNothing();
  scenario.when(completed).thenTypes('notice.run_unfollowed');
});

test('a run that was taken up again is told of as before, until nobody can take it up any more', () => {
  const failure = { class: 'transient', code: 'target.away', message: 'away' } as const;
  const failing = (seq: number, resumable?: true) =>
    said(seq, RunFailed({ failure, ...(resumable && { resumable }) } as never));
  const scenario = run().when(started());
  scenario.when(failing(9, true)).thenTypes('notice.due');
  scenario.when(asked).thenEvents({ type: 'notice.due', data: { waitsFor: 'approval' } });
  scenario.when(failing(12)).thenTypes('notice.due', 'notice.run_unfollowed');
  for (const over of [RunClosed({} as never), RunLapsed({})])
    run().when(started(), failing(9, true), said(10, over)).thenTypes('notice.run_unfollowed');
});

test('of a run with thousands of notices on their way nothing but its end is added', () => {
  const scenario = run([hook(), hook({ name: 'chat' })]).when(started());
  for (let at = 0; at < ON_THE_WAY_MAX / 2; at++)
    scenario.when(said(100 + at, { type: StepParked.type, data: { step: `items[${at}]/pay` } }));
  expect(scenario.state?.deliveries.size).toBe(ON_THE_WAY_MAX);
  scenario.when(said(9_000, parked.message)).thenTypes('notice.given_up', 'notice.given_up');
  scenario.when(said(9_001, completed.message)).thenTypes('notice.due', 'notice.run_unfollowed');
  expect(scenario.due).toBeGreaterThan(0);
});

test('nothing is kept of a run once everything of it has arrived', () => {
  const scenario = run().when(started(), completed);
  scenario.when(attempted('run-1/9', { kind: 'delivered' })).thenTypes('notice.delivered');
  expect(scenario.state).toBeUndefined();
});

describe('what did not arrive', () => {
  test('is sent again, later and later, and after a crash', () => {
    const scenario = run().when(started(), completed, attempted('run-1/9', failed));
    scenario.thenTypes('notice.failed');
    expect(scenario.due).toBeGreaterThanOrEqual(T0 + 500);
    expect(scenario.due).toBeLessThanOrEqual(T0 + 1_000);
    scenario.when(due);
    expect(scenario.decision.start).toEqual([]);
    scenario.whenDue();
    expect(scenario.decision.start).toHaveLength(1);
    for (let attempt = 0; attempt < 15; attempt++) scenario.when(attempted('run-1/9', failed));
    expect((scenario.due ?? 0) - scenario.now).toBeGreaterThan(HOUR / 2 - 1);
    expect((scenario.due ?? 0) - scenario.now).toBeLessThanOrEqual(HOUR);
  });

  test('is given up after a day, or when the receiver wants nothing more', () => {
    const scenario = run().when(started(), completed);
    scenario
      .after(24 * HOUR)
      .when(attempted('run-1/9', failed))
      .thenTypes('notice.given_up');
    expect(scenario.state).toBeUndefined();
    run()
      .when(started(), completed, attempted('run-1/9', { ...failed, isFinal: true }))
      .thenTypes('notice.given_up');
  });

  test('at one hook is nothing to another', () => {
    const scenario = run([hook(), hook({ name: 'chat' })]).when(started(), completed);
    scenario
      .when(attempted('run-1/9', { kind: 'delivered' }, 'chat'), attempted('run-1/9', failed))
      .whenDue();
    expect(scenario.decision.start).toMatchObject([{ id: 'run-1/9/ops' }]);
  });
});

describe('a hook hears only', () => {
  test('of its tenant', () => {
    run()
      .when(started({ tenant: 'north' }))
      .thenNothing();
    run([hook({ tenant: 'north' })])
      .when(started())
      .thenNothing();
    run([hook({ tenant: 'north' })])
      .when(started({ tenant: 'north' }))
      .thenTypes('notice.run_followed');
    run([hook({ tenant: '*' })])
      .when(started({ tenant: 'north' }))
      .thenTypes('notice.run_followed');
  });

  test('of its workflows', () => {
    run([hook({ workflows: ['other'] })])
      .when(started())
      .thenNothing();
  });

  test('what it asks for', () => {
    run([hook({ on: ['ended'] })])
      .when(started(), parked)
      .thenNothing()
      .when(completed)
      .thenTypes('notice.due', 'notice.run_unfollowed');
    run([hook({ on: ['waiting'] })])
      .when(started(), completed)
      .thenTypes('notice.run_unfollowed');
  });
});

describe('a question of a model', () => {
  const question = (channel: object, until = T0 + HOUR) =>
    said(6, {
      type: QuestionAsked.type,
      data: { step: 'desk', to: 'carla', text: 'Which size?', until, channel },
    });
  const hooks = [hook(), hook({ name: 'crm', on: ['asked'] })];

  test('that a system brings to somebody is told to hooks that take questions, with what it takes for that', () => {
    const scenario = run(hooks).when(started());
    scenario.when(question({ kind: 'webhook', trigger: 'crm' })).thenEvents({
      type: 'notice.due',
      data: {
        kind: 'asked',
        waitsFor: 'conversation',
        question: { id: 'run-1/6', to: 'carla', text: 'Which size?', until: T0 + HOUR },
        hooks: ['ops', 'crm'],
      },
    });
  });

  test('that its person answers by a command is no more than somebody who is waited for', () => {
    const scenario = run(hooks).when(started());
    scenario.when(question({ kind: 'signal' })).thenEvents({
      type: 'notice.due',
      data: { kind: 'waiting', waitsFor: 'conversation', hooks: ['ops'] },
    });
    expect(scenario.last('notice.due').data).not.toHaveProperty('question');
  });

  test('is given up once nobody may answer it', () => {
    const scenario = run([hook({ name: 'crm', on: ['asked'] })]).when(started());
    scenario.when(question({ kind: 'webhook', trigger: 'crm' }, T0 + 400));
    scenario.when(attempted('run-1/6', failed, 'crm')).thenTypes('notice.failed');
    scenario.whenDue();
    scenario.when(attempted('run-1/6', failed, 'crm')).thenTypes('notice.given_up');
  });
});

test('what is told of a run that was migrated names the version that it has by then, and nothing on its way is lost', () => {
  const migrated = said(6, {
    type: RunMigrated.type,
    data: { workflow: { name: 'refund', version: 4, hash: 'h4' } },
  });
  const scenario = run().when(started()).when(parked).when(migrated).thenTypes('notice.run_followed');
  expect(scenario.state?.run.workflow).toEqual({ name: 'refund', version: 4 });
  expect(scenario.state?.deliveries.size).toBe(1);
});

test('a run that tells of others is told of by no tool, and by webhooks like any other', () => {
  const by = { trigger: 'notice-lead', workflow: 'refund' };
  const mail = hook({ name: 'lead', url: undefined, by });
  run([mail]).when(started()).thenNothing();
  const both = run([mail, hook()]).when(started());
  both.when(parked).thenEvents({ type: 'notice.due', data: { hooks: ['ops'] } });
});
