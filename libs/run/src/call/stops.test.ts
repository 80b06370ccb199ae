import { describe, expect, test } from 'vitest';
import { agent, assisted, beforePlan, requested, shadow, unplanned } from '../../test/agent-scenario.js';
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
  type RunScenario,
  resume,
  run,
  started,
  succeeded,
  unknown,
  wrote,
} from '../../test/run-scenario.js';
import { read, undoable, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const stop = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
const later = { stopId: 'stop-2', number: 2, reason: 'still down' };

/** Stops that are lifted, as the orchestrator has read. */
class Lifted {
  readonly numbers = new Set<number>();
  readonly options = { isLifted: (number: number) => this.numbers.has(number) };
}

const waits = (scenario: RunScenario) => describeRun(scenario.state!).waitingFor;

function stopped(steps = [write('pay')], options = {}): { scenario: RunScenario; lifted: Lifted } {
  const lifted = new Lifted();
  const scenario = run(steps, { ...lifted.options, ...options });
  scenario.when(before(scenario, 'pay')).when(killed(scenario, 'pay', stop));
  return { scenario, lifted };
}

describe('a call that a stop covers', () => {
  test('parks its run, which says what it waits for', () => {
    const { scenario } = stopped();
    scenario.thenTypes('call.recorded', 'step.stopped');
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'stop', step: 'pay', detail: 'stop stop-1 to be lifted: the bank is down' }],
    });
    expect(scenario.due).toBe(scenario.state?.origin.deadline);
  });

  test('is requested again, for a new verdict, as soon as the stop is lifted, and not before', () => {
    const { scenario, lifted } = stopped();
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.when({ kind: 'due' }).thenNothing();
    lifted.numbers.add(stop.number);
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { step: 'pay', callHash, attempt: 2 } });
    performWriteAgain(scenario);
    expect(describeRun(scenario.state!).status).toBe('completed');
  });

  test('may be stopped any number of times: nothing was called, so nothing is used up', () => {
    const { scenario, lifted } = stopped();
    lifted.numbers.add(stop.number);
    for (let times = 0; times < 30; times += 1) {
      scenario.whenDue();
      scenario
        .when(before(scenario, 'pay'))
        .when(killed(scenario, 'pay', stop))
        .thenTypes('call.recorded', 'step.stopped');
    }
    scenario.whenDue();
    performWriteAgain(scenario);
    expect(describeRun(scenario.state!).status).toBe('completed');
  });

  test('waits for the next stop when there is one', () => {
    const { scenario, lifted } = stopped();
    lifted.numbers.add(stop.number);
    scenario.whenDue();
    scenario.when(before(scenario, 'pay')).when(killed(scenario, 'pay', later));
    expect(waits(scenario)).toMatchObject([{ kind: 'stop', detail: expect.stringContaining('stop-2') }]);
    scenario.when({ kind: 'due' }).thenNothing();
  });

  test('can be cancelled, and its time still runs', () => {
    const cancelled = stopped().scenario;
    cancelled.when(cancel(cancelled));
    expect(describeRun(cancelled.state!).status).toBe('cancelled');
    const lifted = new Lifted();
    const scenario = blank(workflow([write('pay')], { budget: { durationMs: 5_000 } }), lifted.options);
    scenario.when(started(workflow([write('pay')], { budget: { durationMs: 5_000 } })));
    scenario.when(before(scenario, 'pay')).when(killed(scenario, 'pay', stop));
    scenario.after(5_000).whenDue();
    expect(describeRun(scenario.state!).status).toBe('failed');
  });

  test('does not go on while its run is paused', () => {
    const { scenario, lifted } = stopped();
    scenario.when(pause(scenario));
    lifted.numbers.add(stop.number);
    scenario.when({ kind: 'due' }).thenNothing();
    scenario.when(resume(scenario)).whenDue().thenTypes('call.requested');
  });

  test('and that is in doubt stays in doubt', () => {
    const lifted = new Lifted();
    const scenario = run([write('pay')], lifted.options);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario
      .when(before(scenario, 'pay'))
      .when(killed(scenario, 'pay', stop))
      .thenTypes('call.recorded', 'step.stopped');
    expect(waits(scenario)).toMatchObject([{ kind: 'stop', step: 'pay' }]);
    lifted.numbers.add(stop.number);
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { step: 'pay', recovery: true } });
  });

  test('and that asks about one in doubt is asked again', () => {
    const lifted = new Lifted();
    const scenario = run([verifiable('pay')], lifted.options);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario
      .when(before(scenario, 'pay'))
      .when(killed(scenario, 'pay', stop))
      .thenTypes('call.recorded', 'step.stopped');
    lifted.numbers.add(stop.number);
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'verify' } });
  });

  test('and that undoes something waits too, when the stop names that', () => {
    const lifted = new Lifted();
    const scenario = run([undoable('pay'), read('send', { needs: ['pay'] })], lifted.options);
    performWrite(scenario, 'pay');
    scenario.when(before(scenario, 'send')).when(failed(scenario, 'send', { class: 'domain', code: 'no' }));
    scenario
      .when(before(scenario, 'pay'))
      .when(killed(scenario, 'pay', stop))
      .thenTypes('call.recorded', 'step.stopped');
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'stop' }],
    });
    lifted.numbers.add(stop.number);
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'compensate' } });
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay')).when(after(scenario, 'pay'));
    expect(describeRun(scenario.state!).status).toBe('rolled_back');
  });
});

describe('a request to a model that a stop covers', () => {
  const failure = { class: 'transient', code: 'planner.stopped' } as const;

  test('is made again once the stop is lifted; the rules do not act in its stead', () => {
    const lifted = new Lifted();
    const scenario = run([agent('resolve')], { ...assisted, ...lifted.options });
    const first = requested(scenario);
    scenario
      .when(beforePlan(scenario))
      .when(unplanned(scenario, failure, { called: false, stop }))
      .thenTypes('plan.recorded', 'step.stopped');
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'stop', step: 'resolve' }],
    });
    scenario.when({ kind: 'due' }).thenNothing();
    lifted.numbers.add(stop.number);
    scenario.whenDue().thenEvents({
      type: 'plan.requested',
      data: { round: first.round, attempt: 1, callHash: first.callHash },
    });
  });

  test('in shadow costs only the comparison', () => {
    const scenario = run([agent('resolve')], shadow);
    scenario.when(beforePlan(scenario)).when(unplanned(scenario, failure, { called: false, stop }));
    scenario.thenTypes('plan.recorded', 'run.completed');
  });
});

function performWriteAgain(scenario: RunScenario): void {
  scenario.when(before(scenario, 'pay')).when(wrote(scenario, 'pay')).when(after(scenario, 'pay'));
}
