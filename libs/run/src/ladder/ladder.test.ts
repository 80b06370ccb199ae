import { describe, expect, test } from 'vitest';
import {
  before,
  deny,
  pause,
  performWrite,
  type RunScenario,
  resume,
  retry,
  run,
  skip,
  T0,
  unknown,
} from '../../test/run-scenario.js';
import { askable, forEach, read, undoable, wait, workflow } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const MINUTE = 60_000;
const rises = { afterMs: 30 * MINUTE, to: ['manager'] };
const escalation = { to: ['lead'], rises };
const onFailure = { do: 'escalate' } as const;
const budget = { tokens: 1, costUsd: 1, steps: 100, toolCalls: 100, durationMs: 24 * 60 * MINUTE };
const parking = wait('go', { signal: 'go', deadlineMs: MINUTE }, { onFailure });

const waits = (scenario: RunScenario) => describeRun(scenario.state!).waitingFor;
const risen = (scenario: RunScenario) =>
  scenario.events.filter(({ type }) => type === 'operator.escalated').map(({ data }) => data);

/** Its only step waits for an operator. */
const parked = (said: object = { escalation }) => run(workflow([parking], { budget, ...said })).whenDue();

describe('what waits for an operator', () => {
  test('names whose turn it is, and others when nobody has decided in time', () => {
    const scenario = parked();
    scenario.thenTypes('step.parked');
    expect(waits(scenario)).toMatchObject([{ kind: 'operator', step: 'go', roles: ['lead'] }]);
    const since = scenario.now;
    scenario.thenDue(since + 30 * MINUTE).whenDue();
    scenario.thenEvents({ type: 'operator.escalated', data: { step: 'go', since, to: ['manager'] } });
    expect(waits(scenario)).toMatchObject([{ roles: ['lead', 'manager'] }]);
    scenario.thenDue(T0 + budget.durationMs);
  });

  test('rises once each time that it waits', () => {
    const scenario = parked().whenDue();
    scenario.when(retry(scenario, 'go')).whenDue();
    expect(waits(scenario)).toMatchObject([{ kind: 'operator', roles: ['lead'] }]);
    scenario.whenDue();
    expect(risen(scenario)).toHaveLength(2);
    expect(scenario.state!.risen).toHaveLength(1);
  });

  test('rises also while the run is paused', () => {
    const scenario = parked();
    scenario.when(pause(scenario)).whenDue().thenTypes('operator.escalated');
  });

  test('that is decided on in time does not rise', () => {
    const scenario = parked();
    scenario.when(skip(scenario, 'go')).thenTypes('step.skipped', 'run.completed');
    expect(risen(scenario)).toEqual([]);
  });

  test('stays with whom it names where nobody else is named, and with anybody where nobody is', () => {
    const first = parked({ escalation: { to: ['lead'] } });
    first.thenDue(T0 + budget.durationMs);
    expect(waits(first)).toMatchObject([{ roles: ['lead'] }]);
    expect(waits(parked({}))![0]).not.toHaveProperty('roles');
  });

  test('may be a call in doubt, which waits without end', () => {
    const scenario = run(workflow([askable('pay')], { budget, escalation }));
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    expect(waits(scenario)).toMatchObject([{ kind: 'operator', roles: ['lead'] }]);
    scenario.whenDue().thenTypes('operator.escalated').thenDue(undefined);
  });

  test('may be steps of the turns of a loop, each for itself', () => {
    const lines = forEach('lines', ['a', 'b'], [parking]);
    const scenario = run(workflow([lines], { budget, escalation }))
      .whenDue()
      .whenDue();
    expect(risen(scenario)).toMatchObject([{ step: 'lines[0]/go' }, { step: 'lines[1]/go' }]);
    scenario.when(skip(scenario, 'lines[0]/go'), skip(scenario, 'lines[1]/go'));
    expect(describeRun(scenario.state!).status).toBe('completed');
  });

  test('may be a run that is late', () => {
    const late = { sla: { completeMs: MINUTE, onBreach: 'escalate' as const }, budget, escalation };
    const scenario = run(workflow([wait('long', { forMs: 120 * MINUTE })], late)).whenDue();
    expect(waits(scenario)).toMatchObject([
      { kind: 'operator', step: '', roles: ['lead'] },
      { kind: 'wait' },
    ]);
    scenario.whenDue();
    expect(risen(scenario)).toEqual([{ since: T0 + MINUTE, to: ['manager'] }]);
    scenario.when(resume(scenario));
    expect(waits(scenario)).toMatchObject([{ kind: 'wait' }]);
  });
});

test('a compensation that was denied waits for an operator, too', () => {
  const steps = [undoable('pay'), read('end', { needs: ['pay'] })];
  const scenario = performWrite(run(workflow(steps, { budget, escalation })), 'pay');
  scenario.when(before(scenario, 'end', deny));
  scenario.when(before(scenario, 'pay', deny));
  expect(waits(scenario)).toMatchObject([{ kind: 'operator', step: 'pay', roles: ['lead'] }]);
  scenario.whenDue().thenTypes('operator.escalated').thenDue(undefined);
});
