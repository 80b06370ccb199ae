import { describe, expect, test } from 'vitest';
import { before, callRequestOf, failed, refused, retry, run } from '../../test/run-story.js';
import { read, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a failed attempt', () => {
  test('that is transient is made again under the same hash, five times in all, with growing pauses', () => {
    const story = run([read('order')]);
    const { callHash } = callRequestOf(story, 'order');
    for (let attempt = 1; attempt < 5; attempt += 1) {
      story.when(before(story, 'order')).when(failed(story, 'order'));
      const { due } = story.last('step.retry_scheduled').data as { due: number };
      expect(due - story.now).toBeLessThanOrEqual(200 * 2 ** (attempt - 1));
      story
        .whenDue()
        .thenEvents({ type: 'call.requested', data: { callHash, attempt: attempt + 1, recovery: false } });
    }
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { code: 'http.503' } } },
        { type: 'run.failed' },
      );
  });

  test('waits as long as the same event always makes it wait', () => {
    const dueOf = () => {
      const story = run([read('order')]);
      return story.when(before(story, 'order')).when(failed(story, 'order')).due;
    };
    expect(dueOf()).toBe(dueOf());
  });

  test('that met a rate limit waits as told and uses up no attempt', () => {
    const story = run([read('order')]);
    for (let round = 0; round < 8; round += 1) {
      story
        .when(before(story, 'order'))
        .when(failed(story, 'order', { class: 'rate_limited', retryAfterMs: 40_000 }));
      story.thenEvents(
        { type: 'call.recorded' },
        { type: 'step.retry_scheduled', data: { counts: false, due: story.now + 40_000 } },
      );
      story.whenDue();
    }
  });

  test('that met a rate limit which asks for no wait waits longer each time, and gives up after 20 calls', () => {
    const story = run([read('order')]);
    const waits: number[] = [];
    for (let calls = 1; calls < 20; calls += 1) {
      story.when(before(story, 'order'));
      story.when(failed(story, 'order', { class: 'rate_limited', retryAfterMs: 0 }));
      waits.push((story.due ?? 0) - story.now);
      story.whenDue();
    }
    for (const [index, wait] of waits.entries()) {
      const most = Math.min(100 * 2 ** index, 30_000);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    }
    story.when(before(story, 'order'));
    story.when(failed(story, 'order', { class: 'rate_limited', retryAfterMs: 0 }));
    story.thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('that timed out is made again for a read', () => {
    const story = run([read('order')]);
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order', { class: 'timeout' }))
      .thenTypes('call.recorded', 'step.retry_scheduled');
  });

  test.each(['invalid_input', 'invalid_output', 'domain'] as const)(
    'of class %s is not made again',
    (kind) => {
      const story = run([read('order')]);
      story
        .when(before(story, 'order'))
        .when(failed(story, 'order', { class: kind }))
        .thenEvents(
          { type: 'call.recorded' },
          { type: 'step.failed', data: { failure: { class: kind } } },
          { type: 'run.failed' },
        );
    },
  );

  test('that the system would not authorize parks its step for an operator', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order')).when(failed(story, 'order', { class: 'unauthorized' }));
    story.thenTypes('call.recorded', 'step.parked');
    story
      .when(retry(story, 'order'))
      .thenEvents({ type: 'step.resumed', data: { generation: 2 } }, { type: 'call.requested' });
  });
});

describe('a refusal', () => {
  test('past notAfter lets the call be requested again, without using up an attempt, a bounded number of times', () => {
    const story = run([read('order')]);
    for (let round = 0; round < 11; round += 1) {
      story.when(refused(story, 'order', 'expired')).thenTypes('call.recorded', 'step.retry_scheduled');
      story.whenDue().thenTypes('call.requested');
    }
    story.when(refused(story, 'order', 'expired')).thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('for what must never happen escalates the run', () => {
    const story = run([read('order')]);
    story
      .when(refused(story, 'order', 'wrong_hash', true))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { class: 'internal' } } },
        { type: 'run.escalated' },
      );
  });
});

test('a write with an output that breaks its contract has happened: the run names it, and nobody may repeat it', () => {
  const story = run([write('refund')]);
  story.when(before(story, 'refund'));
  story.when(failed(story, 'refund', { class: 'invalid_output', code: 'output' })).thenSee((state) => {
    const { status, failure } = describeRun(state);
    expect({ status, class: failure?.class }).toEqual({ status: 'escalated', class: 'invalid_output' });
  });
  expect(story.decision.events.at(-1)).toMatchObject({
    type: 'run.escalated',
    data: { standing: [{ step: 'refund' }] },
  });
});
