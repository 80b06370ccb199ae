import { hashOf } from '@interlock/contracts';
import type { CompiledStep } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { afterPlan, agent, assisted, beforePlan, callOf, pay, propose } from '../../test/agent-scenario.js';
import {
  before,
  callRequestOf,
  failed,
  performWrite,
  type RunScenario,
  run,
} from '../../test/run-scenario.js';
import { read, undoable, workflow, write } from '../../test/workflows.js';

/** What `pay.get` and its kind take: nothing else than an amount, in a currency that has a default. */
const money = {
  type: 'object',
  properties: { cents: { type: 'integer', minimum: 1 }, currency: { type: 'string', default: 'EUR' } },
  required: ['cents'],
};

const takingMoney = (steps: readonly CompiledStep[], ...tools: readonly string[]) => {
  const { inputs } = workflow(steps);
  return workflow(steps, {
    inputs: { ...inputs, ...Object.fromEntries(tools.map((name) => [`hash of ${name}`, money])) },
  });
};

const argumentsIn = (scenario: RunScenario) =>
  scenario.events
    .filter(({ type }) => type === 'call.requested')
    .map(({ data }) => (data as { arguments: unknown }).arguments);

describe('a call of a step', () => {
  const paying = (args: Record<string, unknown>) =>
    run(takingMoney([write('pay', { with: args })], 'pay.get'));

  test('is requested with the defaults of its tool, so that people see what the tool gets', () => {
    const scenario = paying({ cents: 5 });
    expect(argumentsIn(scenario)).toEqual([{ cents: 5, currency: 'EUR' }]);
    expect(callRequestOf(scenario, 'pay').callHash).toBe(
      callRequestOf(paying({ cents: 5, currency: 'EUR' }), 'pay').callHash,
    );
  });

  test.each([
    ['a field that the tool does not declare', { cents: 5, note: 'twice' }, 'note unknown field "note"'],
    ['a value that the tool refuses', { cents: 0 }, 'cents must be >= 1'],
    ['a text for a number', { cents: '5' }, 'cents must be integer'],
  ])('with %s fails before anybody is asked', (_name, args, reason) => {
    const scenario = paying(args);
    expect(argumentsIn(scenario)).toEqual([]);
    expect(scenario.last('run.failed').data).toMatchObject({
      failure: {
        class: 'invalid_input',
        code: 'arguments.refused',
        message: expect.stringContaining(reason),
      },
    });
  });

  test('is repeated as it was recorded', () => {
    const scenario = paying({ cents: 5 });
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay'));
    while (argumentsIn(scenario).length < 2) scenario.whenDue();
    const [first, second] = scenario.events.filter(({ type }) => type === 'call.requested');
    expect((second!.data as { callHash: string }).callHash).toBe(
      (first!.data as { callHash: string }).callHash,
    );
    expect(argumentsIn(scenario)[1]).toEqual({ cents: 5, currency: 'EUR' });
  });

  test('of a tool about which the workflow says nothing is not made', () => {
    const scenario = run(workflow([write('pay')], { inputs: {} }));
    expect(argumentsIn(scenario)).toEqual([]);
    expect(scenario.last('run.escalated').data).toMatchObject({
      failure: { code: 'arguments.unknown_tool' },
    });
  });

  test('whose check would take too long fails for that', () => {
    const items = {
      type: 'array',
      items: { allOf: Array.from({ length: 500 }, () => ({ type: 'number' })) },
    };
    const list = Array.from({ length: 5_000 }, () => 1);
    const steps = [write('pay', { with: { list } })];
    const inputs = { 'hash of pay.get': { type: 'object', properties: { list: items } } };
    expect(run(workflow(steps, { inputs })).last('run.failed').data).toMatchObject({
      failure: { class: 'invalid_input', code: 'schema.too_expensive' },
    });
  });
});

describe('a call that a model proposes', () => {
  const proposing = (...calls: ReturnType<typeof callOf>[]) => {
    const scenario = run(takingMoney([agent('resolve')], pay), assisted);
    scenario.when(beforePlan(scenario)).when(propose(scenario, { calls }));
    return scenario.when(afterPlan(scenario));
  };

  test('is recorded and requested in the form that the tool takes', () => {
    const scenario = proposing(callOf(pay, { cents: 5 }));
    const whole = { cents: 5, currency: 'EUR' };
    expect(scenario.last('plan.recorded').data).toMatchObject({
      outcome: { proposal: { calls: [{ arguments: whole }] } },
    });
    expect(argumentsIn(scenario)).toEqual([whole]);
  });

  test('with an undeclared field is not made, and the model is told why', () => {
    const scenario = proposing(callOf(pay, { cents: 5, note: 'x' }));
    expect(argumentsIn(scenario)).toEqual([]);
    expect(scenario.last('agent.observed').data).toMatchObject({
      observation: {
        result: 'failed',
        failure: { message: expect.stringContaining('unknown field "note"') },
      },
    });
    expect(scenario.last('plan.requested').data).toMatchObject({ round: 2 });
  });

  test('is the same call with and without what is a default', () => {
    const scenario = proposing(callOf(pay, { cents: 5 }), callOf(pay, { cents: 5, currency: 'EUR' }));
    const { outcome } = scenario.last('plan.recorded').data as {
      outcome: { proposal: { calls: unknown[] } };
    };
    expect(new Set(outcome.proposal.calls.map(hashOf)).size).toBe(1);
  });
});

describe('a compensation', () => {
  const rollingBack = (...tools: string[]) => {
    const steps = [undoable('pay'), read('send', { needs: ['pay'] })];
    const scenario = run(takingMoney(steps, ...tools));
    performWrite(scenario, 'pay');
    return scenario
      .when(before(scenario, 'send'))
      .when(failed(scenario, 'send', { class: 'domain', code: 'no' }));
  };

  test('whose tool does not take what it was given leaves its write standing, and nobody is asked', () => {
    const scenario = rollingBack('pay.undo');
    expect(scenario.last('step.compensation_failed').data).toMatchObject({
      failure: { code: 'compensation.refused', message: expect.stringContaining('unknown field "of"') },
    });
    expect(scenario.last('run.escalated').data).toMatchObject({ standing: [{ step: 'pay' }] });
  });
});
