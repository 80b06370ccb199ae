import { hashOf } from '@interlock/contracts';
import type { CompiledStep } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { afterPlan, agent, assisted, beforePlan, callOf, pay, propose } from '../../test/agent-story.js';
import { before, callRequestOf, failed, performWrite, type RunStory, run } from '../../test/run-story.js';
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

const argumentsIn = (story: RunStory) =>
  story.events
    .filter(({ type }) => type === 'call.requested')
    .map(({ data }) => (data as { arguments: unknown }).arguments);

describe('a call of a step', () => {
  const paying = (args: Record<string, unknown>) =>
    run(takingMoney([write('pay', { with: args })], 'pay.get'));

  test('is requested with the defaults of its tool, so that people see what the tool gets', () => {
    const story = paying({ cents: 5 });
    expect(argumentsIn(story)).toEqual([{ cents: 5, currency: 'EUR' }]);
    expect(callRequestOf(story, 'pay').callHash).toBe(
      callRequestOf(paying({ cents: 5, currency: 'EUR' }), 'pay').callHash,
    );
  });

  test.each([
    ['a field that the tool does not declare', { cents: 5, note: 'twice' }, 'note unknown field "note"'],
    ['a value that the tool refuses', { cents: 0 }, 'cents must be >= 1'],
    ['a text for a number', { cents: '5' }, 'cents must be integer'],
  ])('with %s fails before anybody is asked', (_name, args, reason) => {
    const story = paying(args);
    expect(argumentsIn(story)).toEqual([]);
    expect(story.last('run.failed').data).toMatchObject({
      failure: {
        class: 'invalid_input',
        code: 'arguments.refused',
        message: expect.stringContaining(reason),
      },
    });
  });

  test('is repeated as it was recorded', () => {
    const story = paying({ cents: 5 });
    story.when(before(story, 'pay')).when(failed(story, 'pay'));
    while (argumentsIn(story).length < 2) story.whenDue();
    const [first, second] = story.events.filter(({ type }) => type === 'call.requested');
    expect((second!.data as { callHash: string }).callHash).toBe(
      (first!.data as { callHash: string }).callHash,
    );
    expect(argumentsIn(story)[1]).toEqual({ cents: 5, currency: 'EUR' });
  });

  test('of a tool about which the workflow says nothing is not made', () => {
    const story = run(workflow([write('pay')], { inputs: {} }));
    expect(argumentsIn(story)).toEqual([]);
    expect(story.last('run.escalated').data).toMatchObject({ failure: { code: 'arguments.unknown_tool' } });
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
    const story = run(takingMoney([agent('resolve')], pay), assisted);
    story.when(beforePlan(story)).when(propose(story, { calls }));
    return story.when(afterPlan(story));
  };

  test('is recorded and requested in the form that the tool takes', () => {
    const story = proposing(callOf(pay, { cents: 5 }));
    const whole = { cents: 5, currency: 'EUR' };
    expect(story.last('plan.recorded').data).toMatchObject({
      outcome: { proposal: { calls: [{ arguments: whole }] } },
    });
    expect(argumentsIn(story)).toEqual([whole]);
  });

  test('with an undeclared field is not made, and the model is told why', () => {
    const story = proposing(callOf(pay, { cents: 5, note: 'x' }));
    expect(argumentsIn(story)).toEqual([]);
    expect(story.last('agent.observed').data).toMatchObject({
      observation: {
        result: 'failed',
        failure: { message: expect.stringContaining('unknown field "note"') },
      },
    });
    expect(story.last('plan.requested').data).toMatchObject({ round: 2 });
  });

  test('is the same call with and without what is a default', () => {
    const story = proposing(callOf(pay, { cents: 5 }), callOf(pay, { cents: 5, currency: 'EUR' }));
    const { outcome } = story.last('plan.recorded').data as { outcome: { proposal: { calls: unknown[] } } };
    expect(new Set(outcome.proposal.calls.map(hashOf)).size).toBe(1);
  });
});

describe('a compensation', () => {
  const rollingBack = (...tools: string[]) => {
    const steps = [undoable('pay'), read('send', { needs: ['pay'] })];
    const story = run(takingMoney(steps, ...tools));
    performWrite(story, 'pay');
    return story.when(before(story, 'send')).when(failed(story, 'send', { class: 'domain', code: 'no' }));
  };

  test('whose tool does not take what it was given leaves its write standing, and nobody is asked', () => {
    const story = rollingBack('pay.undo');
    expect(story.last('step.compensation_failed').data).toMatchObject({
      failure: { code: 'compensation.refused', message: expect.stringContaining('unknown field "of"') },
    });
    expect(story.last('run.escalated').data).toMatchObject({ standing: [{ step: 'pay' }] });
  });
});
