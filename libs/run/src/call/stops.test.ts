import { describe, expect, test } from 'vitest';
import { agent, assisted, beforePlan, requested, shadow, unplanned } from '../../test/agent-story.js';
import {
  after,
  before,
  blank,
  callRequestOf,
  cancel,
  failed,
  killed,
  pause,
  performWrite,
  type RunStory,
  resume,
  run,
  started,
  succeeded,
  unknown,
  wrote,
} from '../../test/run-story.js';
import { read, undoable, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const stop = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
const later = { stopId: 'stop-2', number: 2, reason: 'still down' };

/** Stops that are lifted, as the orchestrator has read. */
class Lifted {
  readonly numbers = new Set<number>();
  readonly options = { isLifted: (number: number) => this.numbers.has(number) };
}

const waits = (story: RunStory) => describeRun(story.state!).waitingFor;

function stopped(steps = [write('pay')], options = {}): { story: RunStory; lifted: Lifted } {
  const lifted = new Lifted();
  const story = run(steps, { ...lifted.options, ...options });
  story.when(before(story, 'pay')).when(killed(story, 'pay', stop));
  return { story, lifted };
}

describe('a call that a stop covers', () => {
  test('parks its run, which says what it waits for', () => {
    const { story } = stopped();
    story.thenTypes('call.recorded', 'step.stopped');
    expect(describeRun(story.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'stop', step: 'pay', detail: 'stop stop-1 to be lifted: the bank is down' }],
    });
    expect(story.due).toBe(story.state?.origin.deadline);
  });

  test('is requested again, for a new verdict, as soon as the stop is lifted, and not before', () => {
    const { story, lifted } = stopped();
    const { callHash } = callRequestOf(story, 'pay');
    story.when({ kind: 'due' }).thenNothing();
    lifted.numbers.add(stop.number);
    story.whenDue().thenEvents({ type: 'call.requested', data: { step: 'pay', callHash, attempt: 2 } });
    performWriteAgain(story);
    expect(describeRun(story.state!).status).toBe('completed');
  });

  test('may be stopped any number of times: nothing was called, so nothing is used up', () => {
    const { story, lifted } = stopped();
    lifted.numbers.add(stop.number);
    for (let times = 0; times < 30; times += 1) {
      story.whenDue();
      story
        .when(before(story, 'pay'))
        .when(killed(story, 'pay', stop))
        .thenTypes('call.recorded', 'step.stopped');
    }
    story.whenDue();
    performWriteAgain(story);
    expect(describeRun(story.state!).status).toBe('completed');
  });

  test('waits for the next stop when there is one', () => {
    const { story, lifted } = stopped();
    lifted.numbers.add(stop.number);
    story.whenDue();
    story.when(before(story, 'pay')).when(killed(story, 'pay', later));
    expect(waits(story)).toMatchObject([{ kind: 'stop', detail: expect.stringContaining('stop-2') }]);
    story.when({ kind: 'due' }).thenNothing();
  });

  test('can be cancelled, and its time still runs', () => {
    const cancelled = stopped().story;
    cancelled.when(cancel(cancelled));
    expect(describeRun(cancelled.state!).status).toBe('cancelled');
    const lifted = new Lifted();
    const story = blank(workflow([write('pay')], { budget: { durationMs: 5_000 } }), lifted.options);
    story.when(started(workflow([write('pay')], { budget: { durationMs: 5_000 } })));
    story.when(before(story, 'pay')).when(killed(story, 'pay', stop));
    story.after(5_000).whenDue();
    expect(describeRun(story.state!).status).toBe('failed');
  });

  test('does not go on while its run is paused', () => {
    const { story, lifted } = stopped();
    story.when(pause(story));
    lifted.numbers.add(stop.number);
    story.when({ kind: 'due' }).thenNothing();
    story.when(resume(story)).whenDue().thenTypes('call.requested');
  });

  test('and that is in doubt stays in doubt', () => {
    const lifted = new Lifted();
    const story = run([write('pay')], lifted.options);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    story
      .when(before(story, 'pay'))
      .when(killed(story, 'pay', stop))
      .thenTypes('call.recorded', 'step.stopped');
    expect(waits(story)).toMatchObject([{ kind: 'stop', step: 'pay' }]);
    lifted.numbers.add(stop.number);
    story.whenDue().thenEvents({ type: 'call.requested', data: { step: 'pay', recovery: true } });
  });

  test('and that asks about one in doubt is asked again', () => {
    const lifted = new Lifted();
    const story = run([verifiable('pay')], lifted.options);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    story
      .when(before(story, 'pay'))
      .when(killed(story, 'pay', stop))
      .thenTypes('call.recorded', 'step.stopped');
    lifted.numbers.add(stop.number);
    story.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'verify' } });
  });

  test('and that undoes something waits too, when the stop names that', () => {
    const lifted = new Lifted();
    const story = run([undoable('pay'), read('send', { needs: ['pay'] })], lifted.options);
    performWrite(story, 'pay');
    story.when(before(story, 'send')).when(failed(story, 'send', { class: 'domain', code: 'no' }));
    story
      .when(before(story, 'pay'))
      .when(killed(story, 'pay', stop))
      .thenTypes('call.recorded', 'step.stopped');
    expect(describeRun(story.state!)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'stop' }],
    });
    lifted.numbers.add(stop.number);
    story.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'compensate' } });
    story.when(before(story, 'pay')).when(succeeded(story, 'pay')).when(after(story, 'pay'));
    expect(describeRun(story.state!).status).toBe('rolled_back');
  });
});

describe('a request to a model that a stop covers', () => {
  const failure = { class: 'transient', code: 'planner.stopped' } as const;

  test('is made again once the stop is lifted; the rules do not act in its stead', () => {
    const lifted = new Lifted();
    const story = run([agent('resolve')], { ...assisted, ...lifted.options });
    const first = requested(story);
    story
      .when(beforePlan(story))
      .when(unplanned(story, failure, { called: false, stop }))
      .thenTypes('plan.recorded', 'step.stopped');
    expect(describeRun(story.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'stop', step: 'resolve' }],
    });
    story.when({ kind: 'due' }).thenNothing();
    lifted.numbers.add(stop.number);
    story.whenDue().thenEvents({
      type: 'plan.requested',
      data: { round: first.round, attempt: 1, callHash: first.callHash },
    });
  });

  test('in shadow costs only the comparison', () => {
    const story = run([agent('resolve')], shadow);
    story.when(beforePlan(story)).when(unplanned(story, failure, { called: false, stop }));
    story.thenTypes('plan.recorded', 'run.completed');
  });
});

function performWriteAgain(story: RunStory): void {
  story.when(before(story, 'pay')).when(wrote(story, 'pay')).when(after(story, 'pay'));
}
