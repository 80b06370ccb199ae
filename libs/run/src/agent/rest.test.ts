import { expect, test } from 'vitest';
import { agent, assisted, beforePlan, callOf, pay, round } from '../../test/agent-scenario.js';
import { after, before, callRequestOf, deny, late, run, unknown } from '../../test/run-scenario.js';

test('an agent step that a person has to decide about is not due at once, again and again', () => {
  const nothing = { table: { name: 't', version: 1, hash: 'h', rules: [] } };
  const scenario = run(
    [agent('resolve', { baseline: nothing }, { onFailure: { do: 'escalate' } })],
    assisted,
  );
  scenario.when(beforePlan(scenario, deny));
  expect(scenario.decision.events.map(({ type }) => type)).toContain('step.parked');
  expect(scenario.due).toBeGreaterThan(scenario.now);
});

test('rules do not take over from an agent whose write turned out to have happened while it was repeated', () => {
  const scenario = run([agent('resolve')], assisted);
  round(scenario, { calls: [callOf(pay)] });
  const { requestId, callHash } = callRequestOf(scenario, 'resolve');
  scenario.when(before(scenario, 'resolve')).when(unknown(scenario, 'resolve')).whenDue();
  scenario
    .when(late(requestId, callHash, 1))
    .when(after(scenario, 'resolve', deny))
    .when(beforePlan(scenario, deny));
  expect(scenario.events.filter(({ type }) => type === 'step.completed')).toEqual([]);
});
