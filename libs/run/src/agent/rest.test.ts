import { expect, test } from 'vitest';
import {
  afterPlan,
  agent,
  assisted,
  beforePlan,
  callOf,
  pay,
  propose,
  requested,
  round,
  unplanned,
} from '../../test/agent-scenario.js';
import { after, before, callRequestOf, deny, late, retry, run, unknown } from '../../test/run-scenario.js';
import { forEach, read } from '../../test/workflows.js';

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

test('a turn that a person begins anew has the budget of its agent once more, inside that of the run', () => {
  const budget = { tokens: 2_000, costUsd: 1, steps: 1, toolCalls: 1 };
  const asking = agent('resolve', { budget });
  const each = forEach('each', [1], [asking, read('check')], { failAfter: { items: 0 } });
  const scenario = run([{ ...each, onFailure: { do: 'escalate' } }], assisted);
  scenario.when(before(scenario, 'each[0]/check', deny)).when(unplanned(scenario));
  expect(scenario.last('step.parked').data).toMatchObject({ step: 'each' });
  const used = scenario.state!.spent.tokens;
  scenario.when(retry(scenario, 'each'));
  expect(requested(scenario)).toMatchObject({
    step: 'each[0]/resolve',
    round: 1,
    reserved: { tokens: 2_000 },
  });
  expect(scenario.state!.spent.tokens).toBe(used);
  expect(used).toBeGreaterThan(0);
});

test('an agent step that a person begins anew has what is left of its budget', () => {
  const nothing = { table: { name: 't', version: 1, hash: 'h', rules: [] } };
  const budget = { tokens: 2_000, costUsd: 1, steps: 2, toolCalls: 1 };
  const asking = agent('resolve', { budget, baseline: nothing }, { onFailure: { do: 'escalate' } });
  const scenario = run([asking], assisted);
  scenario
    .when(beforePlan(scenario))
    .when(propose(scenario, {}, { usage: { inputTokens: 300, outputTokens: 200 } }));
  scenario.when(afterPlan(scenario, deny));
  scenario.when(retry(scenario, 'resolve'));
  expect(requested(scenario)).toMatchObject({ round: 2, reserved: { tokens: 1_500 } });
});
