import { ToolPlaceAwaited } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import {
  before,
  callRequestOf,
  cancel,
  failed,
  fromTool,
  perform,
  type RunScenario,
  refused,
  run,
  unknown,
} from '../../test/run-scenario.js';
import { read, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const MINUTE = 60_000;
const lasting = { transient: { backoffMs: 200, maxBackoffMs: MINUTE, forMs: 10 * MINUTE } };
const patient = (steps: Parameters<typeof workflow>[0]) => workflow(steps, { retry: lasting });

const waits = ({ state }: RunScenario) => describeRun(state!).waitingFor?.map(({ kind }) => kind);
const held = (scenario: RunScenario, step: string) =>
  fromTool(
    ToolPlaceAwaited({
      requestId: callRequestOf(scenario, step).requestId,
      for: 'the target of it to come back',
      kind: 'circuit',
    }),
  );
const letGo = (scenario: RunScenario, step: string) =>
  fromTool(ToolPlaceAwaited({ requestId: callRequestOf(scenario, step).requestId, kind: 'circuit' }));

const later = (scenario: RunScenario, ms: number): RunScenario => {
  scenario.now += ms;
  return scenario;
};

describe('a call whose target is away', () => {
  test('is shown to wait for that, and for its answer once it goes on', () => {
    const scenario = run(patient([read('order')]));
    scenario.when(before(scenario, 'order')).when(held(scenario, 'order'));
    expect(waits(scenario)).toEqual(['circuit']);
    scenario.when(letGo(scenario, 'order'));
    expect(waits(scenario)).toEqual(['call']);
  });

  test('is asked for again at once when its request is good no longer, and that counts as no refusal', () => {
    const scenario = run(patient([read('order')]));
    for (let round = 0; round < 30; round += 1) {
      scenario.when(before(scenario, 'order')).when(held(scenario, 'order'));
      later(scenario, MINUTE).when(refused(scenario, 'order', 'circuit_open'));
      scenario.thenEvents(
        { type: 'call.recorded' },
        { type: 'step.retry_scheduled', data: { counts: false, due: scenario.now } },
      );
      scenario.whenDue().thenTypes('call.requested');
    }
  });

  test('uses no time of its retries while it is held', () => {
    const scenario = run(patient([read('order')]));
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order')).whenDue();
    const since = scenario.now;
    scenario.when(before(scenario, 'order')).when(held(scenario, 'order'));
    later(scenario, 30 * MINUTE)
      .when(letGo(scenario, 'order'))
      .when(failed(scenario, 'order'));
    scenario.thenTypes('call.recorded', 'step.retry_scheduled');
    while (!scenario.decision.events.some(({ type }) => type === 'step.failed')) {
      scenario.whenDue();
      scenario.when(before(scenario, 'order')).when(failed(scenario, 'order'));
    }
    expect(scenario.now - since).toBeGreaterThan(39 * MINUTE);
    expect(scenario.now - since).toBeLessThanOrEqual(40 * MINUTE);
  });

  test('uses the time of its step', () => {
    const scenario = run(patient([read('order', { timeout: { attemptMs: 1_000, totalMs: MINUTE } })]));
    scenario.when(before(scenario, 'order')).when(held(scenario, 'order'));
    expect(scenario.due).toBeLessThanOrEqual(scenario.now + MINUTE);
    later(scenario, MINUTE).whenDue().thenTypes('call.revoked');
    scenario.when(refused(scenario, 'order', 'revoked'));
    scenario.thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('is taken back when its run is cancelled', () => {
    const scenario = run(patient([write('pay')]));
    scenario.when(before(scenario, 'pay')).when(held(scenario, 'pay'));
    scenario.when(cancel(scenario)).when(refused(scenario, 'pay', 'circuit_open'));
    scenario.thenTypes('call.recorded', 'run.cancelled');
  });
});

describe('a call whose tool no executor has', () => {
  const left = (scenario: RunScenario, step: string) =>
    fromTool(
      ToolPlaceAwaited({
        requestId: callRequestOf(scenario, step).requestId,
        for: 'an executor that has it: none here has it',
        kind: 'tool',
      }),
    );

  test('is unavailable, and waits for it for as long as that takes: it is no attempt', () => {
    const scenario = run(patient([write('pay')]));
    for (let round = 0; round < 30; round += 1) {
      scenario.when(before(scenario, 'pay')).when(left(scenario, 'pay'));
      expect(waits(scenario)).toEqual(['unavailable']);
      later(scenario, MINUTE).when(refused(scenario, 'pay', 'unavailable'));
      scenario.thenTypes('call.recorded', 'step.retry_scheduled').whenDue().thenTypes('call.requested');
    }
    scenario.when(before(scenario, 'pay')).when(left(scenario, 'pay')).when(letGo(scenario, 'pay'));
    perform(scenario, 'pay');
    expect(describeRun(scenario.state!).status).toBe('completed');
  });

  test('uses the time of its step', () => {
    const scenario = run(patient([read('order', { timeout: { attemptMs: 1_000, totalMs: MINUTE } })]));
    scenario.when(before(scenario, 'order')).when(left(scenario, 'order'));
    later(scenario, MINUTE).whenDue().thenTypes('call.revoked');
  });
});

test('a repetition of a call in doubt that is held leaves it in doubt, for as long as that takes', () => {
  const scenario = run(patient([write('pay')]));
  scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
  for (let round = 0; round < 20; round += 1) {
    scenario.when(held(scenario, 'pay'));
    later(scenario, MINUTE).when(refused(scenario, 'pay', 'circuit_open'));
    scenario.thenTypes('call.recorded', 'step.retry_scheduled').whenDue();
  }
  expect(callRequestOf(scenario, 'pay').recovery).toBe(true);
});

test('a verification that is held leaves its call in doubt, for as long as that takes', () => {
  const scenario = run(patient([verifiable('pay')]));
  scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
  for (let round = 0; round < 20; round += 1) {
    expect(callRequestOf(scenario, 'pay').purpose).toBe('verify');
    scenario.when(held(scenario, 'pay'));
    later(scenario, MINUTE).when(refused(scenario, 'pay', 'circuit_open'));
    scenario.thenTypes('call.recorded', 'step.retry_scheduled').whenDue();
  }
  expect(waits(scenario)).toEqual(['recovery']);
});

test('a run that was held completes when its target is back', () => {
  const scenario = run(patient([read('order')]));
  scenario.when(before(scenario, 'order')).when(held(scenario, 'order')).when(letGo(scenario, 'order'));
  perform(scenario, 'order');
  expect(describeRun(scenario.state!).status).toBe('completed');
});
