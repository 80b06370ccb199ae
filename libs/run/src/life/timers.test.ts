import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  failed,
  refused,
  run,
  succeeded,
  T0,
} from '../../test/run-scenario.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('time', () => {
  test('a step past its total timeout takes its call back and fails once the executor has answered', () => {
    const scenario = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    scenario.when(before(scenario, 'order')).thenDue(T0 + 5_000);
    scenario.whenDue().thenEvents({ type: 'call.revoked', data: { because: 'timeout' } });
    scenario
      .when(refused(scenario, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'step.timeout' } } },
        { type: 'run.failed' },
      );
  });

  test('a success that comes after the timeout took the call back still counts', () => {
    const scenario = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    scenario
      .when(before(scenario, 'order'))
      .whenDue()
      .when(succeeded(scenario, 'order'))
      .thenTypes('call.recorded');
    scenario.when(after(scenario, 'order')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('no attempt is scheduled beyond the total timeout', () => {
    const scenario = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    scenario.when(before(scenario, 'order')).after(4_900);
    scenario
      .when(failed(scenario, 'order', { class: 'rate_limited', retryAfterMs: 1_000 }))
      .thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('the run’s deadline takes open calls back and fails the run once they are answered', () => {
    const scenario = run(workflow([read('order')], { budget: { durationMs: 2_000 } }));
    expect(callRequestOf(scenario, 'order').notAfter).toBe(T0 + 2_000);
    scenario
      .whenDue()
      .thenTypes('call.revoked', 'run.budget_warned')
      .thenDue(T0 + 2_000 + 1_000 + 100);
    scenario
      .when(refused(scenario, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { code: 'budget.duration' } } },
        { type: 'run.failed' },
      );
  });

  test('a call without an answer by notAfter, timeout and skew is shown as overdue and stays open', () => {
    const scenario = run([write('refund')]);
    scenario.when(before(scenario, 'refund')).thenDue(T0 + 60_000 + 1_000 + 100);
    scenario.whenDue().thenEvents({ type: 'call.overdue' });
    scenario.thenSee((state) => {
      expect(describeRun(state).waitingFor?.[0]?.detail).toContain('overdue');
      expect(state.openRequests).toHaveLength(1);
    });
    scenario.when(succeeded(scenario, 'refund')).thenTypes('call.recorded', 'run.checkpointed');
  });
});
