import type { Input } from '@interlock/actors';
import { describe, expect, test } from 'vitest';
import {
  afterPlan,
  agent,
  assisted,
  beforePlan,
  callOf,
  look,
  mail,
  pay,
  propose,
  requested,
  round,
  shadow,
  unplanned,
} from '../../test/agent-scenario.js';
import { granted, opened, single } from '../../test/approval-scenario.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  failed,
  pause,
  perform,
  type RunScenario,
  resume,
  retry,
  run,
  runId,
  skip,
  unknown,
  wrote,
} from '../../test/run-scenario.js';
import { read } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const observed = (scenario: RunScenario) =>
  scenario.events
    .filter(({ type }) => type === 'agent.observed')
    .map(({ data }) => (data as { observation: { tool: string; result: string } }).observation)
    .map(({ tool, result }) => `${tool} ${result}`);

const spent = (scenario: RunScenario) => {
  const { tokens, costUsd } = describeRun(scenario.state!).usage;
  return { tokens, costUsd };
};

describe('the level that acts', () => {
  test('without a model the rules act at once, and the log says why', () => {
    run([agent('resolve')]).thenEvents(
      { type: 'run.started' },
      { type: 'agent.started', data: { level: 'baseline', why: 'no model is configured' } },
      { type: 'step.completed', data: { via: 'baseline', output: { by: 'rules' }, detail: 'otherwise' } },
      { type: 'run.completed' },
    );
  });

  test('in shadow the rules act, and the end of the run waits for what the model would have done', () => {
    const scenario = run([agent('resolve')], shadow);
    scenario.thenEvents(
      { type: 'run.started' },
      { type: 'agent.started', data: { level: 'shadow', model: 'openai/one' } },
      { type: 'step.completed', data: { via: 'baseline' } },
      { type: 'plan.requested', data: { purpose: 'shadow' } },
    );
    scenario
      .when(beforePlan(scenario))
      .when(propose(scenario, { output: { by: 'rules' } }))
      .thenEvents({ type: 'plan.recorded', data: { agrees: true, asks: false } }, { type: 'run.completed' });
  });

  test('in shadow nothing of a plan is done, whatever it proposes', () => {
    const scenario = run([agent('resolve')], shadow);
    scenario
      .when(beforePlan(scenario))
      .when(propose(scenario, { calls: [callOf(pay)] }))
      .thenEvents({ type: 'plan.recorded', data: { agrees: false } }, { type: 'run.completed' });
  });

  test('the workflow may allow less than is configured', () => {
    run([agent('resolve', { levelMax: 'baseline' })], assisted).thenTypes(
      'run.started',
      'agent.started',
      'step.completed',
      'run.completed',
    );
  });
});

describe('a round of an assisted agent', () => {
  test('asks with all that is known and reserves the most it may use', () => {
    const scenario = run([read('order'), agent('resolve', {}, { needs: ['order'] })], assisted);
    perform(scenario, 'order', { total: 5 });
    scenario.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      { type: 'agent.started' },
      {
        type: 'plan.requested',
        data: {
          round: 1,
          attempt: 1,
          purpose: 'act',
          goal: 'do resolve',
          known: {
            facts: { input: { amount: 5 }, steps: { order: { status: 'completed', output: { total: 5 } } } },
            observed: [],
          },
          reserved: { tokens: 4_000, costUsd: 1 },
        },
      },
    );
  });

  test('makes the proposed calls one after another, as calls of the step, and asks again with what came of them', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(look, { id: 1 }), callOf(pay, { id: 2 })] }).thenEvents(
      { type: 'verdict.recorded' },
      {
        type: 'call.requested',
        data: {
          step: 'resolve',
          tool: look,
          arguments: { id: 1 },
          agent: {
            planId: requested(scenario).planId,
            index: 0,
            level: 'assisted',
            confidence: 0.9,
            approvers: ['lead'],
          },
        },
      },
    );
    perform(scenario, 'resolve', { found: 1 }).thenEvents(
      { type: 'verdict.recorded' },
      {
        type: 'agent.observed',
        data: { observation: { tool: look, result: 'succeeded', output: { found: 1 } } },
      },
      { type: 'call.requested', data: { tool: pay, agent: { index: 1 } } },
    );
    perform(scenario, 'resolve').thenTypes('verdict.recorded', 'agent.observed', 'plan.requested');
    expect(requested(scenario)).toMatchObject({
      round: 2,
      known: { observed: [{ tool: look }, { tool: pay }] },
    });
    round(scenario, { output: { done: true } }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { via: 'agent', output: { done: true } } },
      { type: 'run.completed' },
    );
    expect(spent(scenario)).toEqual({ tokens: 240, costUsd: 0.022 });
  });

  test('waits for people where policy requires them, and makes exactly the call that they granted', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(pay)] });
    const first = callRequestOf(scenario, 'resolve');
    scenario.when(before(scenario, 'resolve', { approval: single }));
    scenario.when(opened(scenario, 'resolve')).when(granted(scenario, 'resolve'));
    const again = callRequestOf(scenario, 'resolve');
    expect(again).toMatchObject({ callHash: first.callHash, attempt: 2, agent: first.agent });
    expect(again.approvalId).toBeDefined();
  });

  test('goes on with what was denied or failed as something it knows', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(pay), callOf(look)], output: { paid: true } });
    scenario
      .when(before(scenario, 'resolve', deny))
      .thenTypes('verdict.recorded', 'agent.observed', 'agent.observed', 'plan.requested');
    expect(observed(scenario)).toEqual([`${pay} denied`, `${look} skipped`]);
    round(scenario, { calls: [callOf(mail)] });
    scenario
      .when(before(scenario, 'resolve'))
      .when(failed(scenario, 'resolve', { class: 'domain', code: 'closed' }))
      .thenTypes('call.recorded', 'agent.observed', 'plan.requested');
    expect(observed(scenario).at(-1)).toBe(`${mail} failed`);
  });

  test('looks once more at its output when the step asks for it', () => {
    const scenario = run([agent('resolve', { reflectRounds: 1 })], assisted);
    round(scenario, { output: { first: true } }).thenTypes('verdict.recorded', 'plan.requested');
    expect(requested(scenario)).toMatchObject({
      purpose: 'reflect',
      known: { proposed: { output: { first: true } } },
    });
    round(scenario, { output: { second: true } }).thenTypes(
      'verdict.recorded',
      'step.completed',
      'run.completed',
    );
    expect(scenario.last('step.completed').data).toMatchObject({ output: { second: true } });
  });

  test('a paused run records the answer and goes on when it is resumed', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(beforePlan(scenario)).when(pause(scenario));
    scenario.when(propose(scenario, { calls: [callOf(look)] })).thenTypes('plan.recorded');
    scenario.when(afterPlan(scenario)).thenTypes('verdict.recorded');
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'call.requested');
  });
});

describe('what is proposed and not made', () => {
  test('a tool that the step does not list', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf('bank.transfer')] });
    expect(observed(scenario)).toEqual(['bank.transfer unlisted']);
    expect(scenario.events.filter(({ type }) => type === 'call.requested')).toEqual([]);
  });

  test('a call that was proposed before, in whatever order its fields stand', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(pay, { a: 1, b: 2 })] });
    perform(scenario, 'resolve');
    round(scenario, { calls: [callOf(pay, { b: 2, a: 1 }), callOf(look)] });
    expect(observed(scenario)).toEqual([`${pay} succeeded`, `${pay} repeated`]);
  });

  test('the same write a second time is made when the agent says that it means it', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(pay), callOf(pay, { from: pay }, 2)] });
    const first = callRequestOf(scenario, 'resolve');
    perform(scenario, 'resolve');
    const second = callRequestOf(scenario, 'resolve');
    expect(second.occurrence).toBe(2);
    expect(second.callHash).not.toBe(first.callHash);
  });

  test('a round of repeats is a loop: the rules act', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(look)] });
    perform(scenario, 'resolve');
    round(scenario, { calls: [callOf(look)] }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'agent.fell_back', data: { failure: { code: 'agent.loop' } } },
      { type: 'step.completed', data: { via: 'baseline' } },
      { type: 'run.completed' },
    );
  });
});

describe('when the model does not get there, the rules act', () => {
  const fallsBack = (code: string, scenario: RunScenario) => {
    expect(scenario.last('agent.fell_back').data).toMatchObject({ failure: { code } });
    expect(scenario.last('step.completed').data).toMatchObject({ via: 'baseline', output: { by: 'rules' } });
  };

  test('low confidence', () => {
    const scenario = run([agent('resolve', { minConfidence: 0.95 })], assisted);
    fallsBack('agent.low_confidence', round(scenario, { output: {} }));
  });

  test('a refusal of the model', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(beforePlan(scenario));
    fallsBack(
      'model.refused',
      scenario.when(unplanned(scenario, { class: 'denied', code: 'model.refused' })),
    );
  });

  test('policy forbids the request, and nothing is charged', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(beforePlan(scenario, deny));
    fallsBack('policy.before', scenario);
    expect(spent(scenario)).toEqual({ tokens: 0, costUsd: 0 });
  });

  test('policy forbids what was proposed', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(beforePlan(scenario)).when(propose(scenario, { calls: [callOf(pay)] }));
    fallsBack('policy.after', scenario.when(afterPlan(scenario, deny)));
  });

  test('nobody can read what policy says of what was proposed', () => {
    const scenario = run([agent('resolve')], assisted);
    const broken = (type: string): Input => ({
      kind: 'poison',
      topic: 'policy.events',
      type: 'policy.decided/1',
      problem: 'no verdict',
      meta: { id: 'p', epoch: 0, index: 0, time: 0, run: scenario.key, cause: scenario.last(type).id },
    });
    scenario.when(broken('plan.requested')).thenNothing();
    scenario.when(beforePlan(scenario)).when(propose(scenario, { calls: [callOf(pay)] }));
    scenario.when(broken('plan.recorded'));
    fallsBack('verdict.poison', scenario);
  });

  test('its rounds are used up', () => {
    const scenario = run(
      [agent('resolve', { budget: { tokens: 10_000, costUsd: 1, steps: 1, toolCalls: 5 } })],
      assisted,
    );
    round(scenario, { calls: [callOf(look)] });
    fallsBack('budget.steps', perform(scenario, 'resolve'));
  });

  test('its tool calls are used up', () => {
    const scenario = run(
      [agent('resolve', { budget: { tokens: 10_000, costUsd: 1, steps: 5, toolCalls: 1 } })],
      assisted,
    );
    round(scenario, { calls: [callOf(look), callOf(look, { other: 1 })] });
    fallsBack('budget.toolCalls', perform(scenario, 'resolve'));
  });

  test('its tokens are used up: what nobody reports counts as all that was reserved', () => {
    const scenario = run(
      [agent('resolve', { budget: { tokens: 4_000, costUsd: 1, steps: 5, toolCalls: 5 } })],
      assisted,
    );
    scenario
      .when(beforePlan(scenario))
      .when(propose(scenario, { calls: [callOf(look)] }, { usage: undefined }))
      .when(afterPlan(scenario));
    expect(spent(scenario)).toEqual({ tokens: 4_000, costUsd: 1 });
    fallsBack('budget.costUsd', scenario);
  });

  test('not once it has written: then the step fails, and what it did is undone', () => {
    const scenario = run([agent('resolve', { minConfidence: 0.5 })], assisted);
    round(scenario, { calls: [callOf(pay)] });
    scenario.when(before(scenario, 'resolve')).when(wrote(scenario, 'resolve'));
    scenario.when(after(scenario, 'resolve'));
    round(scenario, { output: {}, confidence: 0.1 });
    expect(scenario.last('step.failed').data).toMatchObject({
      step: 'resolve',
      failure: { code: 'agent.low_confidence' },
    });
    expect(scenario.last('rollback.started').data).toMatchObject({
      writes: [{ step: 'resolve', tool: pay }],
    });
  });

  test('rules that match nothing fail the step', () => {
    const none = { name: 'rules', version: 1, hash: 'h', rules: [] };
    const scenario = run([agent('resolve', { minConfidence: 1, baseline: { table: none } })], assisted);
    round(scenario, { output: {} });
    expect(scenario.last('step.failed').data).toMatchObject({ failure: { code: 'no_rule_matched' } });
  });
});

describe('a planner that fails', () => {
  test('is asked again, then another model is, then the rules act', () => {
    const scenario = run(
      [agent('resolve', { budget: { tokens: 100_000, costUsd: 100, steps: 5, toolCalls: 5 } })],
      assisted,
    );
    const models: string[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      models.push(requested(scenario).model);
      scenario
        .when(beforePlan(scenario))
        .when(unplanned(scenario, {}, { usage: { inputTokens: 1, outputTokens: 0 }, costUsd: 0 }));
      if (tries < 5 && scenario.events.at(-1)?.type !== 'plan.requested') scenario.whenDue();
    }
    expect(models).toEqual([...Array(3).fill('openai/one'), ...Array(3).fill('openai/two')]);
    expect(requested(scenario)).toMatchObject({ round: 1, attempt: 3 });
    expect(scenario.last('step.completed').data).toMatchObject({ via: 'baseline' });
  });

  test('a request that never reached the model is not charged', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(beforePlan(scenario));
    scenario.when(
      unplanned(scenario, { class: 'budget_exceeded', code: 'plan.does_not_fit' }, { called: false }),
    );
    expect(spent(scenario)).toEqual({ tokens: 0, costUsd: 0 });
  });

  test('one that never answers is charged as the worst case', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(beforePlan(scenario)).whenDue();
    expect(scenario.last('plan.recorded').data).toMatchObject({
      outcome: { failure: { code: 'plan.no_answer' } },
      charged: { tokens: 4_000, costUsd: 1 },
    });
  });

  test('what comes after that, or twice, or from elsewhere says nothing new', () => {
    const scenario = run([agent('resolve')], assisted);
    const answer = propose(scenario, { output: {} });
    scenario.when(beforePlan(scenario)).when(answer).when(answer).thenNothing();
    scenario.when(afterPlan(scenario)).when(afterPlan(scenario)).thenNothing();
  });

  test('an output that does not fit the schema of the step is not taken', () => {
    const output = { type: 'object', required: ['outcome'] };
    const scenario = run(
      [
        agent('resolve', {
          output,
          baseline: { table: { name: 'r', version: 1, hash: 'h', rules: [], otherwise: { outcome: 1 } } },
        }),
      ],
      assisted,
    );
    scenario
      .when(beforePlan(scenario))
      .when(propose(scenario, { output: {} }))
      .thenEvents(
        { type: 'plan.recorded', data: { outcome: { kind: 'failed', failure: { code: 'agent.output' } } } },
        { type: 'plan.retry_scheduled' },
      );
  });
});

describe('calls of an agent that go wrong', () => {
  const paying = () => {
    const scenario = run([agent('resolve')], assisted);
    return round(scenario, { calls: [callOf(pay)] });
  };

  test('a call in doubt is repeated under the same key, and answers the agent', () => {
    const scenario = paying();
    const first = callRequestOf(scenario, 'resolve');
    scenario.when(before(scenario, 'resolve')).when(unknown(scenario, 'resolve'));
    scenario.whenDue();
    expect(callRequestOf(scenario, 'resolve')).toMatchObject({
      callHash: first.callHash,
      recovery: true,
      agent: first.agent,
    });
    perform(scenario, 'resolve');
    expect(observed(scenario)).toEqual([`${pay} succeeded`]);
  });

  test('a cancelled run takes its call back, waits for the answer and ends', () => {
    const scenario = paying();
    scenario.when(cancel(scenario)).thenTypes('run.cancelling', 'call.revoked');
    scenario.when(before(scenario, 'resolve', deny));
    expect(scenario.state?.end?.status).toBe('cancelled');
  });

  test('a cancelled run waits for no plan, and charges it', () => {
    const scenario = run([agent('resolve')], assisted);
    scenario.when(cancel(scenario)).thenTypes('run.cancelling', 'plan.recorded', 'run.cancelled');
    expect(spent(scenario)).toEqual({ tokens: 4_000, costUsd: 1 });
  });

  test('the time of the step is over: the call is taken back first, then the rules act', () => {
    const scenario = run([agent('resolve', {}, { timeout: { totalMs: 5_000 } })], assisted);
    round(scenario, { calls: [callOf(look)] });
    scenario.whenDue().thenTypes('call.revoked');
    scenario.when(before(scenario, 'resolve', deny));
    expect(scenario.last('agent.fell_back').data).toMatchObject({ failure: { class: 'timeout' } });
    expect(scenario.last('step.completed').data).toMatchObject({ via: 'baseline' });
  });

  test('the time of the step is over while the planner thinks: its request is charged, and the rules act', () => {
    const scenario = run([agent('resolve', {}, { timeout: { totalMs: 500 } })], assisted);
    scenario.when(beforePlan(scenario)).whenDue();
    expect(scenario.last('step.completed').data).toMatchObject({ via: 'baseline' });
    expect(spent(scenario)).toEqual({ tokens: 4_000, costUsd: 1 });
  });

  test.each([
    ['escalate', 'step.parked'],
    ['fail', 'step.failed'],
    ['fallback', 'step.completed'],
  ] as const)(
    'the step is late, and its service level says %s: the rules act only where that is to fall back',
    (onBreach, end) => {
      const sla = { withinMs: 500, onBreach };
      const scenario = run(
        [agent('resolve', {}, { sla, onFailure: { do: 'value', value: null } })],
        assisted,
      );
      scenario.when(beforePlan(scenario)).whenDue();
      const types = scenario.events.map(({ type }) => type);
      expect(types).toContain('sla.breached');
      if (end === 'step.parked') {
        expect(describeRun(scenario.state!)).toMatchObject({
          status: 'waiting',
          waitingFor: [{ kind: 'operator' }],
        });
        scenario.when(retry(scenario, 'resolve'));
        expect(requested(scenario)).toMatchObject({ step: 'resolve', round: 1 });
        return;
      }
      expect(scenario.last('step.completed').data).toMatchObject({
        via: end === 'step.completed' ? 'baseline' : 'value',
      });
    },
  );

  test('a person who goes on without knowing what became of a call tells the agent so', () => {
    const scenario = run([agent('resolve', { tools: [askablePay] })], assisted);
    round(scenario, { calls: [callOf(pay)] });
    scenario.when(before(scenario, 'resolve')).when(unknown(scenario, 'resolve'));
    while (scenario.state?.active.every((place) => scenario.state && !isParked(scenario, place)))
      scenario.whenDue();
    scenario.when(skip(scenario, 'resolve'));
    expect(observed(scenario)).toEqual([`${pay} unknown`]);
    expect(requested(scenario).round).toBe(2);
    scenario.when(beforePlan(scenario)).when(unplanned(scenario, { class: 'denied', code: 'model.refused' }));
    expect(scenario.state?.end).toMatchObject({ status: 'escalated' });
  });

  test('a person who goes on from a read whose answer was lost tells the agent that it has failed', () => {
    const scenario = run([agent('resolve')], assisted);
    round(scenario, { calls: [callOf(look)] });
    scenario.when(before(scenario, 'resolve'));
    const meta = {
      id: 't1',
      epoch: 0,
      index: 0,
      time: scenario.now,
      cause: callRequestOf(scenario, 'resolve').requestId,
    };
    const lost = {
      kind: 'poison',
      topic: 'tool.events',
      type: 'tool.succeeded/1',
      problem: 'x',
      meta,
    } as const;
    scenario.whenBroken(lost).thenTypes('call.recorded', 'step.parked', 'run.parked');
    scenario.when(skip(scenario, 'resolve'));
    expect(observed(scenario)).toEqual([`${look} failed`]);
    expect(requested(scenario).round).toBe(2);
  });

  test('a step that a person has it try again keeps what it knows', () => {
    const scenario = run(
      [agent('resolve', { minConfidence: 0.5 }, { onFailure: { do: 'escalate' } })],
      assisted,
    );
    round(scenario, { calls: [callOf(pay)] });
    perform(scenario, 'resolve');
    round(scenario, { output: {}, confidence: 0 });
    scenario.when(retry(scenario, 'resolve'));
    expect(requested(scenario).known.observed).toHaveLength(1);
    round(scenario, { calls: [callOf(pay)] });
    expect(observed(scenario)).toEqual([`${pay} succeeded`]);
    expect(scenario.last('agent.fell_back').data).toMatchObject({ failure: { code: 'agent.loop' } });
  });
});

const askablePay = {
  tool: pay,
  version: 1,
  toolHash: 'hash of pay',
  effect: 'write',
  timeoutMs: 1_000,
  timeout: { attemptMs: 1_000 },
  recovery: { by: 'ask-human', settleAfterMs: 100 },
} as const;

const isParked = (scenario: RunScenario, place: number): boolean =>
  describeRun(scenario.state!).waitingFor?.some(({ kind }) => kind === 'operator') === true && place >= 0;

test('a call whose answer cannot be read waits for a person, who has it made once more', () => {
  const scenario = run([agent('resolve')], assisted);
  round(scenario, { calls: [callOf(look)] });
  const first = callRequestOf(scenario, 'resolve');
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause: first.requestId };
  const type = 'tool.succeeded/1';
  scenario.when(before(scenario, 'resolve'));
  scenario.whenBroken({ kind: 'poison', topic: 'tool.events', type, meta, problem: 'odd' });
  scenario.thenTypes('call.recorded', 'step.parked', 'run.parked');
  expect(describeRun(scenario.state!).waitingFor).toMatchObject([{ kind: 'operator' }, { kind: 'operator' }]);
  scenario.when(retry(scenario, 'resolve')).thenTypes('run.unparked', 'step.resumed');
  scenario.whenDue().thenTypes('call.requested');
  expect(callRequestOf(scenario, 'resolve').callHash).toBe(first.callHash);
  perform(scenario, 'resolve');
  expect(observed(scenario)).toEqual([`${look} succeeded`]);
});
