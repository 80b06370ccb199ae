import { describe, expect, test } from 'vitest';
import {
  before,
  callRequestOf,
  failed,
  perform,
  type RunScenario,
  retry,
  run,
  unknown,
} from '../../test/run-scenario.js';
import { read, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const MINUTE = 60_000;
const lasting = { transient: { backoffMs: 200, maxBackoffMs: MINUTE, forMs: 10 * MINUTE } };
const patient = (steps: Parameters<typeof workflow>[0], more: Parameters<typeof workflow>[1] = {}) =>
  workflow(steps, { retry: { ...lasting, timeout: lasting.transient }, ...more });

const statusOf = (scenario: RunScenario) => describeRun(scenario.state!).status;
const isParked = (scenario: RunScenario) => scenario.events.some(({ type }) => type === 'step.parked');
const isRetried = (scenario: RunScenario) =>
  scenario.decision.events.some(({ type }) => type === 'step.retry_scheduled');

/** Lets every attempt fail until the call is not made again; how long after the first failure the last one was, and how many there were. */
function failsOn(
  scenario: RunScenario,
  failure = {},
): { readonly lasted: number; readonly attempts: number } {
  const from = scenario.now;
  for (let attempts = 1; attempts < 200; attempts += 1) {
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', failure));
    if (!isRetried(scenario)) return { lasted: scenario.now - from, attempts };
    scenario.whenDue();
  }
  throw new Error('it is made again without end');
}

describe('a call of a target that is away', () => {
  test('is made again for ten minutes, with waits of a minute at most, and then its step fails', () => {
    const scenario = run(patient([read('order')]));
    const { lasted, attempts } = failsOn(scenario);
    expect(lasted).toBe(10 * MINUTE);
    expect(attempts).toBeGreaterThan(12);
    expect(attempts).toBeLessThan(60);
    scenario.thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('is made again at the very end of that time, so a target that comes back in it is reached', () => {
    const scenario = run(patient([read('order')]));
    const from = scenario.now;
    while (scenario.now < from + 10 * MINUTE)
      scenario.when(before(scenario, 'order')).when(failed(scenario, 'order')).whenDue();
    expect(scenario.now).toBe(from + 10 * MINUTE);
    perform(scenario, 'order');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('stays inside the timeout of its step, and uses all of it', () => {
    const scenario = run(patient([read('order', { timeout: { attemptMs: 1_000, totalMs: 90_000 } })]));
    const { lasted } = failsOn(scenario);
    expect(lasted).toBeGreaterThan(89_000 - 1_000);
    expect(lasted).toBeLessThan(90_000);
  });

  test('is made as often as its step says where that is said, however long the workflow would go on', () => {
    const scenario = run(patient([read('order', { retry: { transient: { attempts: 3 } } })]));
    expect(failsOn(scenario).attempts).toBe(3);
  });

  test('that timed out lasts as long where it reads', () => {
    const scenario = run(patient([read('order')]));
    expect(failsOn(scenario, { class: 'timeout', code: 'timeout' }).lasted).toBe(10 * MINUTE);
  });

  test('that says when it is back is left alone until then', () => {
    const scenario = run(patient([read('order')]));
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', { retryAfterMs: 45_000 }));
    expect((scenario.due ?? 0) - scenario.now).toBe(45_000);
  });

  test('waits for a rate limit as it is told, also for an hour', () => {
    const compiled = patient([read('order')], {
      retry: { ...lasting, rate_limited: { maxWaitMs: 86_400_000, calls: 10_000 } },
      budget: { durationMs: 86_400_000 },
    });
    const scenario = run(compiled);
    scenario.when(before(scenario, 'order'));
    scenario.when(failed(scenario, 'order', { class: 'rate_limited', retryAfterMs: 3_600_000 }));
    expect((scenario.due ?? 0) - scenario.now).toBe(3_600_000);
  });
});

describe('a write in doubt', () => {
  const doubtsOn = (scenario: RunScenario): number => {
    const from = scenario.now;
    for (let round = 0; round < 300; round += 1) {
      if (isParked(scenario)) return scenario.now - from;
      const isAsked = scenario.decision.events.some(({ type }) => type === 'call.requested');
      if (isAsked) scenario.when(unknown(scenario, 'pay'));
      else scenario.whenDue();
    }
    throw new Error('nobody is asked');
  };

  test('is repeated with its key for as long as retries last, and then a person is asked', () => {
    const scenario = run(patient([write('pay')]));
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
    expect(doubtsOn(scenario)).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(statusOf(scenario)).toBe('waiting');
  });

  test('that a person has it made again is repeated for as long once more', () => {
    const scenario = run(patient([write('pay')]));
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
    doubtsOn(scenario);
    scenario.when(retry(scenario, 'pay')).when(unknown(scenario, 'pay'));
    scenario.thenTypes('call.recorded', 'call.recovery_started');
  });

  test('is verified for as long, while the target that is asked is away', () => {
    const scenario = run(patient([verifiable('pay')]));
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    const from = scenario.now;
    while (!isParked(scenario)) {
      expect(callRequestOf(scenario, 'pay').purpose).toBe('verify');
      scenario.when(failed(scenario, 'pay'));
      if (!isParked(scenario)) scenario.whenDue();
    }
    expect(scenario.now - from).toBeGreaterThanOrEqual(10 * MINUTE);
  });
});

describe('a step whose retries have not helped', () => {
  const exhausted = (
    step: Parameters<typeof read>[1],
    more: Parameters<typeof workflow>[1] = {},
    options: Parameters<typeof run>[1] = {},
  ): RunScenario => {
    const scenario = run(patient([read('order', step)], more), options);
    failsOn(scenario);
    return scenario;
  };

  test('waits for an operator where it says so, and is tried for as long again when told to', () => {
    const scenario = exhausted({ onExhausted: 'park' });
    scenario.thenTypes('call.recorded', 'step.parked');
    expect(describeRun(scenario.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'order' }]);
    scenario.when(retry(scenario, 'order')).thenTypes('step.resumed', 'call.requested');
    expect(failsOn(scenario).lasted).toBe(10 * MINUTE);
  });

  test.each([
    ['its workflow says so', {}, { onExhausted: 'park' as const }, {}],
    ['only the server says so', {}, {}, { onExhausted: 'park' as const }],
  ])('waits for an operator where %s', (_when, step, more, options) => {
    expect(statusOf(exhausted(step, more, options))).toBe('waiting');
  });

  test.each([
    [
      'its step says so, against its workflow',
      { onExhausted: 'fail' as const },
      { onExhausted: 'park' as const },
    ],
    ['its workflow says so, against the server', {}, { onExhausted: 'fail' as const }],
    ['nobody says anything', {}, {}],
  ])('fails where %s', (when, step, more) => {
    const options = when === 'nobody says anything' ? {} : { onExhausted: 'park' as const };
    expect(statusOf(exhausted(step, more, options))).toBe('failed');
  });

  test('takes the way on that it declares', () => {
    const scenario = exhausted({ onFailure: { do: 'value', value: 1 }, onExhausted: 'park' });
    expect(statusOf(scenario)).toBe('completed');
  });

  test('fails as before of what no retry can mend', () => {
    const scenario = run(patient([read('order', { onExhausted: 'park' })]));
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', { class: 'domain' }));
    expect(statusOf(scenario)).toBe('failed');
  });

  test('waits for an operator also when its timeout has cut the retries short', () => {
    const scenario = run(
      patient([read('order', { onExhausted: 'park', timeout: { attemptMs: 1_000, totalMs: 5_000 } })]),
    );
    failsOn(scenario);
    expect(statusOf(scenario)).toBe('waiting');
  });
});
