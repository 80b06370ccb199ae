import { describe, expect, test } from 'vitest';
import { after, before, callRequestOf, failed, refused, run, succeeded, T0 } from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('time', () => {
  test('a step past its total timeout takes its call back and fails once the executor has answered', () => {
    const story = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    story.when(before(story, 'order')).thenDue(T0 + 5_000);
    story.whenDue().thenEvents({ type: 'call.revoked', data: { because: 'timeout' } });
    story
      .when(refused(story, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'step.timeout' } } },
        { type: 'run.failed' },
      );
  });

  test('a success that comes after the timeout took the call back still counts', () => {
    const story = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    story.when(before(story, 'order')).whenDue().when(succeeded(story, 'order')).thenTypes('call.recorded');
    story.when(after(story, 'order')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('no attempt is scheduled beyond the total timeout', () => {
    const story = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    story.when(before(story, 'order')).after(4_900);
    story
      .when(failed(story, 'order', { class: 'rate_limited', retryAfterMs: 1_000 }))
      .thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('the run’s deadline takes open calls back and fails the run once they are answered', () => {
    const story = run(workflow([read('order')], { budget: { durationMs: 2_000 } }));
    expect(callRequestOf(story, 'order').notAfter).toBe(T0 + 2_000);
    story
      .whenDue()
      .thenTypes('call.revoked', 'run.budget_warned')
      .thenDue(T0 + 2_000 + 1_000 + 100);
    story
      .when(refused(story, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { code: 'budget.duration' } } },
        { type: 'run.failed' },
      );
  });

  test('a call without an answer by notAfter, timeout and skew is shown as overdue and stays open', () => {
    const story = run([write('refund')]);
    story.when(before(story, 'refund')).thenDue(T0 + 60_000 + 1_000 + 100);
    story.whenDue().thenEvents({ type: 'call.overdue' });
    story.thenSee((state) => {
      expect(describeRun(state).waitingFor?.[0]?.detail).toContain('overdue');
      expect(state.openRequests).toHaveLength(1);
    });
    story.when(succeeded(story, 'refund')).thenTypes('call.recorded', 'run.checkpointed');
  });
});
