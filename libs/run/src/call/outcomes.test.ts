import { describe, expect, test } from 'vitest';
import { before, callRequestOf, failed, refused, retry, run } from '../../test/run-scenario.js';
import { read, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a failed attempt', () => {
  test('that is transient is made again under the same hash, five times in all, with growing pauses', () => {
    const scenario = run([read('order')]);
    const { callHash } = callRequestOf(scenario, 'order');
    for (let attempt = 1; attempt < 5; attempt += 1) {
      scenario.when(before(scenario, 'order')).when(failed(scenario, 'order'));
      const { due } = scenario.last('step.retry_scheduled').data as { due: number };
      expect(due - scenario.now).toBeLessThanOrEqual(200 * 2 ** (attempt - 1));
      scenario
        .whenDue()
        .thenEvents({ type: 'call.requested', data: { callHash, attempt: attempt + 1, recovery: false } });
    }
    scenario
      .when(before(scenario, 'order'))
      .when(failed(scenario, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { code: 'http.503' } } },
        { type: 'run.failed' },
      );
  });

  test('waits as long as the same event always makes it wait', () => {
    const dueOf = () => {
      const scenario = run([read('order')]);
      return scenario.when(before(scenario, 'order')).when(failed(scenario, 'order')).due;
    };
    expect(dueOf()).toBe(dueOf());
  });

  test('that met a rate limit waits as told and uses up no attempt', () => {
    const scenario = run([read('order')]);
    for (let round = 0; round < 8; round += 1) {
      scenario
        .when(before(scenario, 'order'))
        .when(failed(scenario, 'order', { class: 'rate_limited', retryAfterMs: 40_000 }));
      scenario.thenEvents(
        { type: 'call.recorded' },
        { type: 'step.retry_scheduled', data: { counts: false, due: scenario.now + 40_000 } },
      );
      scenario.whenDue();
    }
  });

  test('that met a rate limit which asks for no wait waits longer each time, and gives up after 20 calls', () => {
    const scenario = run([read('order')]);
    const waits: number[] = [];
    for (let calls = 1; calls < 20; calls += 1) {
      scenario.when(before(scenario, 'order'));
      scenario.when(failed(scenario, 'order', { class: 'rate_limited', retryAfterMs: 0 }));
      waits.push((scenario.due ?? 0) - scenario.now);
      scenario.whenDue();
    }
    for (const [index, wait] of waits.entries()) {
      const most = Math.min(100 * 2 ** index, 30_000);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    }
    scenario.when(before(scenario, 'order'));
    scenario.when(failed(scenario, 'order', { class: 'rate_limited', retryAfterMs: 0 }));
    scenario.thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('that timed out is made again for a read', () => {
    const scenario = run([read('order')]);
    scenario
      .when(before(scenario, 'order'))
      .when(failed(scenario, 'order', { class: 'timeout' }))
      .thenTypes('call.recorded', 'step.retry_scheduled');
  });

  test.each(['invalid_input', 'invalid_output', 'domain'] as const)(
    'of class %s is not made again',
    (kind) => {
      const scenario = run([read('order')]);
      scenario
        .when(before(scenario, 'order'))
        .when(failed(scenario, 'order', { class: kind }))
        .thenEvents(
          { type: 'call.recorded' },
          { type: 'step.failed', data: { failure: { class: kind } } },
          { type: 'run.failed' },
        );
    },
  );

  test('that the system would not authorize parks its step for an operator', () => {
    const scenario = run([read('order')]);
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', { class: 'unauthorized' }));
    scenario.thenTypes('call.recorded', 'step.parked');
    scenario
      .when(retry(scenario, 'order'))
      .thenEvents({ type: 'step.resumed', data: { generation: 2 } }, { type: 'call.requested' });
  });
});

describe('a refusal', () => {
  test('past notAfter lets the call be requested again, without using up an attempt, a bounded number of times', () => {
    const scenario = run([read('order')]);
    for (let round = 0; round < 11; round += 1) {
      scenario.when(refused(scenario, 'order', 'expired')).thenTypes('call.recorded', 'step.retry_scheduled');
      scenario.whenDue().thenTypes('call.requested');
    }
    scenario
      .when(refused(scenario, 'order', 'expired'))
      .thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('for what must never happen escalates the run', () => {
    const scenario = run([read('order')]);
    scenario
      .when(refused(scenario, 'order', 'wrong_hash', true))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { class: 'internal' } } },
        { type: 'run.escalated' },
      );
  });
});

test('a write with an output that breaks its contract has happened: the run names it, and nobody may repeat it', () => {
  const scenario = run([write('refund')]);
  scenario.when(before(scenario, 'refund'));
  scenario.when(failed(scenario, 'refund', { class: 'invalid_output', code: 'output' })).thenSee((state) => {
    const { status, failure } = describeRun(state);
    expect({ status, class: failure?.class }).toEqual({ status: 'escalated', class: 'invalid_output' });
  });
  expect(scenario.decision.events.at(-1)).toMatchObject({
    type: 'run.escalated',
    data: { standing: [{ step: 'refund' }] },
  });
});
