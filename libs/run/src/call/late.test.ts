import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  failed,
  late,
  lateFailure,
  type RunScenario,
  refused,
  retry,
  run,
  skip,
  succeeded,
  unknown,
} from '../../test/run-scenario.js';
import { askable, verifiable, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const inDoubt = (steps: Parameters<typeof run>[0]): RunScenario => {
  const scenario = run(steps);
  return scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
};

describe('a late outcome', () => {
  test('that is a success answers a call in doubt', () => {
    const scenario = inDoubt([askable('pay')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario
      .whenDue()
      .when(late(requestId, callHash, { id: 7 }))
      .thenEvents(
        { type: 'call.late_recorded', data: { requestId, effect: 'answers', check: { tool: 'pay.get' } } },
        { type: 'call.doubt_resolved', data: { happened: true, by: 'late' } },
        { type: 'run.checkpointed' },
      );
    scenario
      .when(after(scenario, 'pay'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed', data: { output: { id: 7 } } },
        { type: 'run.completed' },
      );
  });

  test('takes back the repetition that is open, and the step completes once that is answered', () => {
    const scenario = inDoubt([write('pay')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario.whenDue().when(late(requestId, callHash, { id: 7 }));
    scenario.thenTypes('call.late_recorded', 'call.revoked', 'call.doubt_resolved', 'run.checkpointed');
    scenario
      .when(late(requestId, callHash, { id: 8 }))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'agrees' } });
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded');
    scenario
      .when(refused(scenario, 'pay'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.completed', data: { output: { id: 7 } } },
        { type: 'run.completed' },
      );
  });

  test('takes back the question to the verify tool', () => {
    const scenario = inDoubt([verifiable('pay')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario.whenDue().when(late(requestId, callHash, { id: 7 }));
    scenario.thenEvents(
      { type: 'call.late_recorded' },
      { type: 'call.revoked', data: { because: 'answered' } },
      { type: 'call.doubt_resolved' },
      { type: 'run.checkpointed' },
    );
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed');
    scenario.when(before(scenario, 'pay')).thenTypes('verdict.recorded');
    scenario.when(succeeded(scenario, 'pay', { found: false })).thenTypes('call.recorded', 'run.completed');
  });

  test('that is a failure answers only the attempt in doubt', () => {
    const scenario = inDoubt([verifiable('pay')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario
      .when(lateFailure(requestId, callHash))
      .thenEvents(
        { type: 'call.late_recorded', data: { effect: 'answers' } },
        { type: 'call.doubt_resolved', data: { happened: false, by: 'late' } },
        { type: 'step.retry_scheduled' },
      );
    scenario
      .when(lateFailure(requestId, callHash))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'agrees' } });
  });

  test('that is a failure of a keyed call says nothing about the other attempts', () => {
    const scenario = inDoubt([write('pay')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario
      .when(lateFailure(requestId, callHash))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'agrees' } });
  });

  test('after the end is recorded, and escalated when it changes what is known', () => {
    const scenario = inDoubt([askable('pay')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario.whenDue().when(skip(scenario, 'pay')).thenTypes('step.skipped', 'run.completed');
    scenario
      .when(late(requestId, callHash, {}))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'escalates' } });
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'completed',
      waitingFor: [{ kind: 'operator', step: 'pay' }],
    });
    scenario.when(late(requestId, callHash, {})).thenNothing();
  });

  test('after the end is recorded for each call, also of one step', () => {
    const scenario = inDoubt([askable('pay', { onFailure: { do: 'escalate' } })]);
    const first = callRequestOf(scenario, 'pay');
    scenario.whenDue().when(retry(scenario, 'pay')).when(before(scenario, 'pay'));
    scenario.when(failed(scenario, 'pay', { class: 'domain' })).when(retry(scenario, 'pay'));
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
    const second = callRequestOf(scenario, 'pay');
    scenario.whenDue().when(skip(scenario, 'pay'));
    expect(scenario.state!.end).toMatchObject({ status: 'completed' });
    for (const { requestId, callHash } of [first, second]) {
      scenario
        .when(late(requestId, callHash, {}))
        .thenEvents({ type: 'call.late_recorded', data: { callHash, effect: 'escalates' } });
    }
  });
});
