import { describe, expect, test } from 'vitest';
import { denied, granted, opened, requestOf, shown, single } from '../../test/approval-scenario.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  late,
  retry,
  run,
  succeeded,
  unknown,
} from '../../test/run-scenario.js';
import { verifiable, write } from '../../test/workflows.js';

describe('a call in doubt', () => {
  const repeating = () => {
    const scenario = run([write('pay')]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    return scenario.when(before(scenario, 'pay', { approval: single }));
  };

  test('whose repetition requires people is repeated once they grant it, also in a run that is cancelled', () => {
    const scenario = repeating().thenTypes('verdict.recorded', 'approval.requested');
    scenario.when(opened(scenario, 'pay')).when(cancel(scenario)).thenTypes('run.cancelling');
    expect(shown(scenario).kinds).toEqual(['approval']);
    const { approvalId } = requestOf(scenario, 'pay');
    scenario.when(granted(scenario, 'pay'));
    scenario.thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      { type: 'call.requested', data: { recovery: true, approvalId } },
    );
    scenario.when(before(scenario, 'pay', { approval: single })).when(succeeded(scenario, 'pay'));
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.escalated');
  });

  test('stays in doubt when they deny it: a person is asked what happened', () => {
    const scenario = repeating();
    scenario.when(denied(scenario, 'pay')).thenTypes('approval.denied', 'call.recovery_started');
    scenario.whenDue().thenEvents({ type: 'step.parked', data: { because: 'in_doubt' } });
    scenario.when(retry(scenario, 'pay')).thenTypes('step.resumed', 'call.doubt_resolved', 'call.requested');
    expect(callRequestOf(scenario, 'pay').approvalId).toBeUndefined();
  });

  test('that turns out to have happened no longer needs them', () => {
    const scenario = run([write('pay')]);
    scenario.when(before(scenario, 'pay'));
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario
      .when(unknown(scenario, 'pay'))
      .whenDue()
      .when(before(scenario, 'pay', { approval: single }));
    scenario
      .when(late(requestId, callHash, { of: 'pay' }))
      .thenTypes('call.late_recorded', 'call.doubt_resolved', 'run.checkpointed', 'approval.unneeded');
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('whose verification requires people is verified once they grant it', () => {
    const scenario = run([verifiable('pay')]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.when(before(scenario, 'pay', { approval: single }));
    scenario.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'approval.requested', data: { callHash, subject: { kind: 'call', tool: 'pay.find' } } },
    );
    const { approvalId } = requestOf(scenario, 'pay');
    scenario.when(opened(scenario, 'pay'));
    expect(shown(scenario)).toEqual({ status: 'waiting', kinds: ['approval'] });
    scenario.when(granted(scenario, 'pay'));
    expect(callRequestOf(scenario, 'pay')).toMatchObject({ purpose: 'verify', callHash, approvalId });
    scenario.when(before(scenario, 'pay', { approval: single }));
    scenario
      .when(succeeded(scenario, 'pay', { found: true, output: 1 }))
      .thenTypes('call.recorded', 'call.doubt_resolved', 'run.checkpointed');
  });
});

test('a repetition that a verdict ends after the call was found to have happened completes the step', () => {
  const scenario = run([write('pay')]);
  scenario.when(before(scenario, 'pay'));
  const { requestId, callHash } = callRequestOf(scenario, 'pay');
  scenario.when(unknown(scenario, 'pay')).whenDue();
  const verdict = before(scenario, 'pay', deny);
  scenario.when(late(requestId, callHash, 7)).when(after(scenario, 'pay'));
  scenario.when(verdict).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
});
