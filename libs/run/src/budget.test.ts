import { describe, expect, test } from 'vitest';
import { before, cancel, failed, perform, refused, run } from '../test/run-scenario.js';
import { forEach, read, workflow, write } from '../test/workflows.js';
import { planReserve } from './budget.js';
import { describeRun } from './index.js';

const chain = [read('a'), read('b', { needs: ['a'] }), read('c', { needs: ['b'] })];

describe('a budget', () => {
  test('of steps ends the run before one more starts', () => {
    const scenario = run(workflow(chain, { budget: { steps: 2 } }));
    perform(perform(scenario, 'a'), 'b').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      {
        type: 'step.failed',
        data: { step: 'c', failure: { class: 'budget_exceeded', code: 'budget.steps' } },
      },
      { type: 'run.failed' },
    );
  });

  test('of tool calls counts every attempt', () => {
    const scenario = run(workflow(chain, { budget: { toolCalls: 1 } }));
    scenario.when(before(scenario, 'a')).when(failed(scenario, 'a'));
    scenario
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { failure: { code: 'budget.toolCalls' } } },
        { type: 'step.skipped' },
        { type: 'step.skipped' },
        { type: 'run.failed' },
      );
  });

  test('of money is reserved before a call, so that two at once cannot exceed it', () => {
    const parallel = workflow([read('a'), read('b')], { budget: { costUsd: 0.015 } });
    run(parallel).thenEvents(
      { type: 'run.started' },
      { type: 'call.requested', data: { reserved: { costUsd: 0.01, toolCalls: 1 } } },
      { type: 'step.failed', data: { step: 'b', failure: { code: 'budget.costUsd' } } },
      { type: 'call.revoked' },
    );
  });

  test('can be met by a fallback value', () => {
    const steps = [read('a'), read('b', { needs: ['a'], onFailure: { do: 'value', value: 0 } })];
    perform(run(workflow(steps, { budget: { steps: 1 } })), 'a').thenTypes(
      'verdict.recorded',
      'step.completed',
      'step.fell_back',
      'step.completed',
      'run.completed',
    );
  });

  test('announces once that four fifths of it are used', () => {
    const scenario = run(workflow(chain, { budget: { steps: 4, toolCalls: 100 } }));
    perform(perform(perform(scenario, 'a'), 'b'), 'c');
    const warned = scenario.events.filter(({ type }) => type === 'run.budget_warned');
    expect(warned.map(({ data }) => data)).toEqual([]);
    const tight = run(workflow(chain, { budget: { steps: 3 } }));
    perform(perform(perform(tight, 'a'), 'b'), 'c');
    expect(tight.events.filter(({ type }) => type === 'run.budget_warned')).toMatchObject([
      { data: { budget: 'steps', used: 3, limit: 3 } },
    ]);
  });
});

test('what was reserved for a call that was never made is free again', () => {
  const scenario = run([write('pay')]);
  scenario.when(before(scenario, 'pay', { approval: { kind: 'single', approvers: ['lead'] } }));
  expect(scenario.state!.spent).toMatchObject({ toolCalls: 0, reservedCalls: 0, reservedMicroUsd: 0 });
  expect(describeRun(scenario.state!).usage).toMatchObject({ costUsd: 0, toolCalls: 0, steps: 1 });
});

test('a request to a model reserves what it can cost at most, not all the money that is left', () => {
  const left = { tokens: 400_000, costUsd: 1 };
  const spent = { tokens: 0, reservedTokens: 0, microUsd: 0, reservedMicroUsd: 0 };
  const state = { spent, origin: { compiled: { budget: left } } } as never;
  const step = { agent: { budget: left } } as never;
  const used = (microUsd: number) => ({ tokens: 0, microUsd }) as never;
  const reserve = (costUsdMax: number | undefined, micro = 0) =>
    planReserve(state, step, used(micro), { tokensMax: 20_000, costUsdMax });
  expect(reserve(0.08)).toEqual({ tokens: 20_000, costUsd: 0.08 });
  expect(reserve(0.08, 950_000)).toEqual({ tokens: 20_000, costUsd: 0.05 });
  expect(reserve(0)).toEqual({ tokens: 20_000, costUsd: 0 });
  expect(reserve(undefined)).toEqual({ tokens: 20_000, costUsd: 1 });
  expect(reserve(0.08, 1_000_000)).toMatchObject({ class: 'budget_exceeded' });
});

describe('a budget for the calls of one tool', () => {
  const twice = { calls: { 'price.get': 2 } };
  const three = forEach('lines', [1, 2, 3], [read('price')], { concurrency: 1, failAfter: { items: 1 } });

  test('is never exceeded, also by the turns of a loop', () => {
    const scenario = run(workflow([three, read('other', { needs: ['lines'] })], { budget: twice }));
    perform(scenario, 'lines[0]/price');
    perform(scenario, 'lines[1]/price').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      { type: 'scope.closed' },
      { type: 'scope.opened', data: { item: 2 } },
      { type: 'step.failed', data: { failure: { class: 'budget_exceeded', code: 'budget.calls' } } },
      { type: 'scope.closed', data: { outcome: { kind: 'failed' } } },
      { type: 'step.completed', data: { step: 'lines' } },
      { type: 'call.requested', data: { tool: 'other.get' } },
    );
  });

  test('is given back by a call that was not made', () => {
    const scenario = run(workflow([read('price')], { budget: { calls: { 'price.get': 1 } } }));
    scenario.thenSee(({ spent }) => expect(spent.byTool).toEqual({ 'price.get': 1 }));
    scenario.when(before(scenario, 'price')).when(cancel(scenario)).when(refused(scenario, 'price'));
    scenario.thenSee(({ spent }) => expect(spent.byTool).toEqual({ 'price.get': 0 }));
  });
});
