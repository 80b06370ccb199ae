import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  failed,
  perform,
  type RunScenario,
  refused,
  retry,
  run,
  skip,
  succeeded,
  unknown,
} from '../../test/run-scenario.js';
import { askable, read, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const inDoubt = (steps: Parameters<typeof run>[0]): RunScenario => {
  const scenario = run(steps);
  return scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
};

const waitsFor = (scenario: RunScenario) => describeRun(scenario.state!).waitingFor?.map(({ kind }) => kind);

describe('a call in doubt whose target takes a key', () => {
  test('is repeated under the same hash', () => {
    const scenario = inDoubt([write('pay')]);
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.thenEvents(
      { type: 'call.recorded' },
      { type: 'call.recovery_started', data: { by: 'idempotency-key' } },
    );
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { callHash, recovery: true, attempt: 2 } });
    scenario
      .when(before(scenario, 'pay'))
      .when(succeeded(scenario, 'pay'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.doubt_resolved', data: { happened: true, by: 'repeat' } },
        { type: 'run.checkpointed' },
      );
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('stays in doubt when a repetition is denied, and a person is asked once it has settled', () => {
    const scenario = inDoubt([write('pay')]).whenDue();
    scenario.when(before(scenario, 'pay', deny)).thenTypes('verdict.recorded', 'call.recovery_started');
    expect(waitsFor(scenario)).toEqual(['recovery']);
    scenario.whenDue().thenEvents({
      type: 'step.parked',
      data: { because: 'in_doubt', failure: { class: 'outcome_unknown' } },
    });
  });

  test('stays in doubt through refusals and failures of its repetitions until a person is asked', () => {
    const scenario = inDoubt([write('pay')]);
    for (let round = 0; round < 4; round += 1) {
      scenario.whenDue().thenTypes('call.requested');
      scenario.when(round % 2 === 0 ? refused(scenario, 'pay', 'expired') : failed(scenario, 'pay'));
      scenario.thenTypes('call.recorded', 'step.retry_scheduled');
    }
    scenario.whenDue().when(failed(scenario, 'pay'));
    scenario.thenSee((state) => expect(state.failed).toBeNull());
    while (
      scenario.last('call.recovery_started') &&
      !scenario.events.some(({ type }) => type === 'step.parked')
    )
      scenario.whenDue();
    expect(waitsFor(scenario)).toEqual(['operator']);
  });

  test('is known not to have happened when the target answers with a declared failure', () => {
    const scenario = inDoubt([write('pay')]).whenDue();
    scenario
      .when(before(scenario, 'pay'))
      .when(failed(scenario, 'pay', { class: 'domain', code: 'no_funds' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.doubt_resolved', data: { happened: false } },
        { type: 'step.failed', data: { failure: { code: 'no_funds' } } },
        { type: 'run.failed' },
      );
  });

  test('is repeated although the run is being cancelled, and the run ends only then', () => {
    const scenario = inDoubt([write('pay')]);
    scenario.when(cancel(scenario)).thenTypes('run.cancelling');
    scenario.whenDue().thenTypes('call.requested');
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay'));
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.escalated');
  });

  test('is not revoked by the run’s deadline', () => {
    const scenario = inDoubt(workflow([write('pay')], { budget: { durationMs: 3_000 } })).after(10_000);
    scenario
      .when({ kind: 'due' })
      .thenEvents({ type: 'call.requested', data: { recovery: true } }, { type: 'run.budget_warned' });
    scenario.when({ kind: 'due' }).thenNothing();
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay'));
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });
});

describe('a call in doubt that its verify tool can answer for', () => {
  const asked = (steps = [verifiable('pay')]) => {
    const scenario = inDoubt(steps);
    const { callHash: key } = callRequestOf(scenario, 'pay');
    const settled = scenario.now + 1_000 + 500 + 100;
    scenario.thenEvents(
      { type: 'call.recorded' },
      { type: 'call.recovery_started', data: { by: 'verify', notBefore: settled } },
    );
    scenario.whenDue().thenEvents({
      type: 'call.requested',
      data: {
        purpose: 'verify',
        effect: 'read',
        tool: 'pay.find',
        arguments: { key, input: { from: 'pay' } },
      },
    });
    expect(callRequestOf(scenario, 'pay').callHash).not.toBe(key);
    expect(scenario.now).toBe(settled);
    return { scenario, key };
  };

  test('has happened when the tool finds it, with the output the tool gives', () => {
    const { scenario } = asked();
    scenario
      .when(before(scenario, 'pay'))
      .when(succeeded(scenario, 'pay', { found: true, output: { id: 7 } }))
      .thenEvents(
        { type: 'call.recorded', data: { check: { tool: 'pay.find' } } },
        { type: 'call.doubt_resolved', data: { happened: true, output: { id: 7 }, by: 'verify' } },
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

  test('is requested again under the same hash when the tool finds nothing', () => {
    const { scenario, key } = asked();
    scenario
      .when(before(scenario, 'pay'))
      .when(succeeded(scenario, 'pay', { found: false }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.doubt_resolved', data: { happened: false, by: 'verify' } },
        { type: 'call.requested', data: { callHash: key, purpose: 'step', recovery: false } },
      );
  });

  test('is not requested again when the run is ending', () => {
    const { scenario } = asked();
    scenario.when(cancel(scenario)).thenTypes('run.cancelling');
    scenario
      .when(before(scenario, 'pay'))
      .when(succeeded(scenario, 'pay', { found: false }))
      .thenTypes('call.recorded', 'call.doubt_resolved', 'run.cancelled');
  });

  test.each([
    ['denied', (scenario: RunScenario) => before(scenario, 'pay', deny)],
    ['broken', (scenario: RunScenario) => succeeded(scenario, 'pay', { nonsense: 1 })],
    ['failed for good', (scenario: RunScenario) => failed(scenario, 'pay', { class: 'unauthorized' })],
  ])('is a person’s question when the tool’s answer is %s', (_, answer) => {
    const { scenario } = asked();
    scenario.when(answer(scenario));
    scenario.thenSee((_, { decision }) =>
      expect(decision.events.at(-1)).toMatchObject({ type: 'step.parked' }),
    );
  });

  test('is asked about again when the tool fails in passing', () => {
    const { scenario } = asked();
    scenario.when(failed(scenario, 'pay')).thenTypes('call.recorded', 'step.retry_scheduled');
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'verify', attempt: 2 } });
  });

  test('that comes into doubt a second time is a question of its own', () => {
    const { scenario } = asked();
    const first = callRequestOf(scenario, 'pay').callHash;
    scenario
      .when(succeeded(scenario, 'pay', { found: false }))
      .when(unknown(scenario, 'pay'))
      .whenDue();
    expect(callRequestOf(scenario, 'pay')).toMatchObject({ purpose: 'verify', occurrence: 2 });
    expect(callRequestOf(scenario, 'pay').callHash).not.toBe(first);
  });
});

describe('a call in doubt that nobody can answer for', () => {
  const parked = () => {
    const scenario = inDoubt([askable('pay'), read('next', { needs: ['pay'] })]);
    scenario.thenTypes('call.recorded', 'call.recovery_started');
    return scenario.whenDue().thenEvents({ type: 'step.parked', data: { because: 'in_doubt' } });
  };

  test('is parked for a person, and retry requests it again under the same key', () => {
    const scenario = parked();
    const { callHash } = callRequestOf(scenario, 'pay');
    expect(waitsFor(scenario)).toEqual(['operator']);
    scenario
      .when(retry(scenario, 'pay'))
      .thenEvents(
        { type: 'step.resumed', data: { generation: 1 } },
        { type: 'call.doubt_resolved', data: { happened: false, by: 'person' } },
        { type: 'call.requested', data: { callHash, recovery: false } },
      );
  });

  test('is gone on without when a person skips it', () => {
    const scenario = parked();
    scenario.when(skip(scenario, 'pay')).thenTypes('step.skipped', 'call.requested');
    perform(scenario, 'next').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('keeps a cancelled run open until the person has answered', () => {
    const scenario = parked();
    scenario.when(cancel(scenario)).thenTypes('run.cancelling');
    scenario.when(retry(scenario, 'pay')).thenTypes('step.resumed', 'call.doubt_resolved', 'run.cancelled');
  });

  test('is not answered by a command that was given before it was parked', () => {
    const scenario = inDoubt([askable('pay')]);
    const early = retry(scenario, 'pay');
    scenario
      .whenDue()
      .when(early)
      .thenEvents({ type: 'command.refused', data: { code: 'step.parked_later' } });
  });
});
