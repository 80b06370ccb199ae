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
} from '../../test/agent-story.js';
import { granted, opened, single } from '../../test/approval-story.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  failed,
  pause,
  perform,
  type RunStory,
  resume,
  retry,
  run,
  runId,
  skip,
  unknown,
  wrote,
} from '../../test/run-story.js';
import { read } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const observed = (story: RunStory) =>
  story.events
    .filter(({ type }) => type === 'agent.observed')
    .map(({ data }) => (data as { observation: { tool: string; result: string } }).observation)
    .map(({ tool, result }) => `${tool} ${result}`);

const spent = (story: RunStory) => {
  const { tokens, costUsd } = describeRun(story.state!).usage;
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
    const story = run([agent('resolve')], shadow);
    story.thenEvents(
      { type: 'run.started' },
      { type: 'agent.started', data: { level: 'shadow', model: 'openai/one' } },
      { type: 'step.completed', data: { via: 'baseline' } },
      { type: 'plan.requested', data: { purpose: 'shadow' } },
    );
    story
      .when(beforePlan(story))
      .when(propose(story, { output: { by: 'rules' } }))
      .thenEvents({ type: 'plan.recorded', data: { agrees: true, asks: false } }, { type: 'run.completed' });
  });

  test('in shadow nothing of a plan is done, whatever it proposes', () => {
    const story = run([agent('resolve')], shadow);
    story
      .when(beforePlan(story))
      .when(propose(story, { calls: [callOf(pay)] }))
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
    const story = run([read('order'), agent('resolve', {}, { needs: ['order'] })], assisted);
    perform(story, 'order', { total: 5 });
    story.thenEvents(
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
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(look, { id: 1 }), callOf(pay, { id: 2 })] }).thenEvents(
      { type: 'verdict.recorded' },
      {
        type: 'call.requested',
        data: {
          step: 'resolve',
          tool: look,
          arguments: { id: 1 },
          agent: {
            planId: requested(story).planId,
            index: 0,
            level: 'assisted',
            confidence: 0.9,
            approvers: ['lead'],
          },
        },
      },
    );
    perform(story, 'resolve', { found: 1 }).thenEvents(
      { type: 'verdict.recorded' },
      {
        type: 'agent.observed',
        data: { observation: { tool: look, result: 'succeeded', output: { found: 1 } } },
      },
      { type: 'call.requested', data: { tool: pay, agent: { index: 1 } } },
    );
    perform(story, 'resolve').thenTypes('verdict.recorded', 'agent.observed', 'plan.requested');
    expect(requested(story)).toMatchObject({
      round: 2,
      known: { observed: [{ tool: look }, { tool: pay }] },
    });
    round(story, { output: { done: true } }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { via: 'agent', output: { done: true } } },
      { type: 'run.completed' },
    );
    expect(spent(story)).toEqual({ tokens: 240, costUsd: 0.022 });
  });

  test('waits for people where policy requires them, and makes exactly the call that they granted', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(pay)] });
    const first = callRequestOf(story, 'resolve');
    story.when(before(story, 'resolve', { approval: single }));
    story.when(opened(story, 'resolve')).when(granted(story, 'resolve'));
    const again = callRequestOf(story, 'resolve');
    expect(again).toMatchObject({ callHash: first.callHash, attempt: 2, agent: first.agent });
    expect(again.approvalId).toBeDefined();
  });

  test('goes on with what was denied or failed as something it knows', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(pay), callOf(look)], output: { paid: true } });
    story
      .when(before(story, 'resolve', deny))
      .thenTypes('verdict.recorded', 'agent.observed', 'agent.observed', 'plan.requested');
    expect(observed(story)).toEqual([`${pay} denied`, `${look} skipped`]);
    round(story, { calls: [callOf(mail)] });
    story
      .when(before(story, 'resolve'))
      .when(failed(story, 'resolve', { class: 'domain', code: 'closed' }))
      .thenTypes('call.recorded', 'agent.observed', 'plan.requested');
    expect(observed(story).at(-1)).toBe(`${mail} failed`);
  });

  test('looks once more at its output when the step asks for it', () => {
    const story = run([agent('resolve', { reflectRounds: 1 })], assisted);
    round(story, { output: { first: true } }).thenTypes('verdict.recorded', 'plan.requested');
    expect(requested(story)).toMatchObject({
      purpose: 'reflect',
      known: { proposed: { output: { first: true } } },
    });
    round(story, { output: { second: true } }).thenTypes(
      'verdict.recorded',
      'step.completed',
      'run.completed',
    );
    expect(story.last('step.completed').data).toMatchObject({ output: { second: true } });
  });

  test('a paused run records the answer and goes on when it is resumed', () => {
    const story = run([agent('resolve')], assisted);
    story.when(beforePlan(story)).when(pause(story));
    story.when(propose(story, { calls: [callOf(look)] })).thenTypes('plan.recorded');
    story.when(afterPlan(story)).thenTypes('verdict.recorded');
    story.when(resume(story)).thenTypes('run.resumed', 'call.requested');
  });
});

describe('what is proposed and not made', () => {
  test('a tool that the step does not list', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf('bank.transfer')] });
    expect(observed(story)).toEqual(['bank.transfer unlisted']);
    expect(story.events.filter(({ type }) => type === 'call.requested')).toEqual([]);
  });

  test('a call that was proposed before, in whatever order its fields stand', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(pay, { a: 1, b: 2 })] });
    perform(story, 'resolve');
    round(story, { calls: [callOf(pay, { b: 2, a: 1 }), callOf(look)] });
    expect(observed(story)).toEqual([`${pay} succeeded`, `${pay} repeated`]);
  });

  test('the same write a second time is made when the agent says that it means it', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(pay), callOf(pay, { from: pay }, 2)] });
    const first = callRequestOf(story, 'resolve');
    perform(story, 'resolve');
    const second = callRequestOf(story, 'resolve');
    expect(second.occurrence).toBe(2);
    expect(second.callHash).not.toBe(first.callHash);
  });

  test('a round of repeats is a loop: the rules act', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(look)] });
    perform(story, 'resolve');
    round(story, { calls: [callOf(look)] }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'agent.fell_back', data: { failure: { code: 'agent.loop' } } },
      { type: 'step.completed', data: { via: 'baseline' } },
      { type: 'run.completed' },
    );
  });
});

describe('when the model does not get there, the rules act', () => {
  const fallsBack = (code: string, story: RunStory) => {
    expect(story.last('agent.fell_back').data).toMatchObject({ failure: { code } });
    expect(story.last('step.completed').data).toMatchObject({ via: 'baseline', output: { by: 'rules' } });
  };

  test('low confidence', () => {
    const story = run([agent('resolve', { minConfidence: 0.95 })], assisted);
    fallsBack('agent.low_confidence', round(story, { output: {} }));
  });

  test('a refusal of the model', () => {
    const story = run([agent('resolve')], assisted);
    story.when(beforePlan(story));
    fallsBack('model.refused', story.when(unplanned(story, { class: 'denied', code: 'model.refused' })));
  });

  test('policy forbids the request, and nothing is charged', () => {
    const story = run([agent('resolve')], assisted);
    story.when(beforePlan(story, deny));
    fallsBack('policy.before', story);
    expect(spent(story)).toEqual({ tokens: 0, costUsd: 0 });
  });

  test('policy forbids what was proposed', () => {
    const story = run([agent('resolve')], assisted);
    story.when(beforePlan(story)).when(propose(story, { calls: [callOf(pay)] }));
    fallsBack('policy.after', story.when(afterPlan(story, deny)));
  });

  test('nobody can read what policy says of what was proposed', () => {
    const story = run([agent('resolve')], assisted);
    const broken = (type: string): Input => ({
      kind: 'poison',
      topic: 'policy.events',
      type: 'policy.decided/1',
      problem: 'no verdict',
      meta: { id: 'p', epoch: 0, index: 0, time: 0, run: story.key, cause: story.last(type).id },
    });
    story.when(broken('plan.requested')).thenNothing();
    story.when(beforePlan(story)).when(propose(story, { calls: [callOf(pay)] }));
    story.when(broken('plan.recorded'));
    fallsBack('verdict.poison', story);
  });

  test('its rounds are used up', () => {
    const story = run(
      [agent('resolve', { budget: { tokens: 10_000, costUsd: 1, steps: 1, toolCalls: 5 } })],
      assisted,
    );
    round(story, { calls: [callOf(look)] });
    fallsBack('budget.steps', perform(story, 'resolve'));
  });

  test('its tool calls are used up', () => {
    const story = run(
      [agent('resolve', { budget: { tokens: 10_000, costUsd: 1, steps: 5, toolCalls: 1 } })],
      assisted,
    );
    round(story, { calls: [callOf(look), callOf(look, { other: 1 })] });
    fallsBack('budget.toolCalls', perform(story, 'resolve'));
  });

  test('its tokens are used up: what nobody reports counts as all that was reserved', () => {
    const story = run(
      [agent('resolve', { budget: { tokens: 4_000, costUsd: 1, steps: 5, toolCalls: 5 } })],
      assisted,
    );
    story
      .when(beforePlan(story))
      .when(propose(story, { calls: [callOf(look)] }, { usage: undefined }))
      .when(afterPlan(story));
    expect(spent(story)).toEqual({ tokens: 4_000, costUsd: 1 });
    fallsBack('budget.costUsd', story);
  });

  test('not once it has written: then the step fails, and what it did is undone', () => {
    const story = run([agent('resolve', { minConfidence: 0.5 })], assisted);
    round(story, { calls: [callOf(pay)] });
    story.when(before(story, 'resolve')).when(wrote(story, 'resolve'));
    story.when(after(story, 'resolve'));
    round(story, { output: {}, confidence: 0.1 });
    expect(story.last('step.failed').data).toMatchObject({
      step: 'resolve',
      failure: { code: 'agent.low_confidence' },
    });
    expect(story.last('rollback.started').data).toMatchObject({ writes: [{ step: 'resolve', tool: pay }] });
  });

  test('rules that match nothing fail the step', () => {
    const none = { name: 'rules', version: 1, hash: 'h', rules: [] };
    const story = run([agent('resolve', { minConfidence: 1, baseline: { table: none } })], assisted);
    round(story, { output: {} });
    expect(story.last('step.failed').data).toMatchObject({ failure: { code: 'no_rule_matched' } });
  });
});

describe('a planner that fails', () => {
  test('is asked again, then another model is, then the rules act', () => {
    const story = run(
      [agent('resolve', { budget: { tokens: 100_000, costUsd: 100, steps: 5, toolCalls: 5 } })],
      assisted,
    );
    const models: string[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      models.push(requested(story).model);
      story
        .when(beforePlan(story))
        .when(unplanned(story, {}, { usage: { inputTokens: 1, outputTokens: 0 }, costUsd: 0 }));
      if (tries < 5 && story.events.at(-1)?.type !== 'plan.requested') story.whenDue();
    }
    expect(models).toEqual([...Array(3).fill('openai/one'), ...Array(3).fill('openai/two')]);
    expect(requested(story)).toMatchObject({ round: 1, attempt: 3 });
    expect(story.last('step.completed').data).toMatchObject({ via: 'baseline' });
  });

  test('a request that never reached the model is not charged', () => {
    const story = run([agent('resolve')], assisted);
    story.when(beforePlan(story));
    story.when(unplanned(story, { class: 'budget_exceeded', code: 'plan.does_not_fit' }, { called: false }));
    expect(spent(story)).toEqual({ tokens: 0, costUsd: 0 });
  });

  test('one that never answers is charged as the worst case', () => {
    const story = run([agent('resolve')], assisted);
    story.when(beforePlan(story)).whenDue();
    expect(story.last('plan.recorded').data).toMatchObject({
      outcome: { failure: { code: 'plan.no_answer' } },
      charged: { tokens: 4_000, costUsd: 1 },
    });
  });

  test('what comes after that, or twice, or from elsewhere says nothing new', () => {
    const story = run([agent('resolve')], assisted);
    const answer = propose(story, { output: {} });
    story.when(beforePlan(story)).when(answer).when(answer).thenNothing();
    story.when(afterPlan(story)).when(afterPlan(story)).thenNothing();
  });

  test('an output that does not fit the schema of the step is not taken', () => {
    const output = { type: 'object', required: ['outcome'] };
    const story = run(
      [
        agent('resolve', {
          output,
          baseline: { table: { name: 'r', version: 1, hash: 'h', rules: [], otherwise: { outcome: 1 } } },
        }),
      ],
      assisted,
    );
    story
      .when(beforePlan(story))
      .when(propose(story, { output: {} }))
      .thenEvents(
        { type: 'plan.recorded', data: { outcome: { kind: 'failed', failure: { code: 'agent.output' } } } },
        { type: 'plan.retry_scheduled' },
      );
  });
});

describe('calls of an agent that go wrong', () => {
  const paying = () => {
    const story = run([agent('resolve')], assisted);
    return round(story, { calls: [callOf(pay)] });
  };

  test('a call in doubt is repeated under the same key, and answers the agent', () => {
    const story = paying();
    const first = callRequestOf(story, 'resolve');
    story.when(before(story, 'resolve')).when(unknown(story, 'resolve'));
    story.whenDue();
    expect(callRequestOf(story, 'resolve')).toMatchObject({
      callHash: first.callHash,
      recovery: true,
      agent: first.agent,
    });
    perform(story, 'resolve');
    expect(observed(story)).toEqual([`${pay} succeeded`]);
  });

  test('a cancelled run takes its call back, waits for the answer and ends', () => {
    const story = paying();
    story.when(cancel(story)).thenTypes('run.cancelling', 'call.revoked');
    story.when(before(story, 'resolve', deny));
    expect(story.state?.end?.status).toBe('cancelled');
  });

  test('a cancelled run waits for no plan, and charges it', () => {
    const story = run([agent('resolve')], assisted);
    story.when(cancel(story)).thenTypes('run.cancelling', 'plan.recorded', 'run.cancelled');
    expect(spent(story)).toEqual({ tokens: 4_000, costUsd: 1 });
  });

  test('the time of the step is over: the call is taken back first, then the rules act', () => {
    const story = run([agent('resolve', {}, { timeout: { totalMs: 5_000 } })], assisted);
    round(story, { calls: [callOf(look)] });
    story.whenDue().thenTypes('call.revoked');
    story.when(before(story, 'resolve', deny));
    expect(story.last('agent.fell_back').data).toMatchObject({ failure: { class: 'timeout' } });
    expect(story.last('step.completed').data).toMatchObject({ via: 'baseline' });
  });

  test('the time of the step is over while the planner thinks: its request is charged, and the rules act', () => {
    const story = run([agent('resolve', {}, { timeout: { totalMs: 500 } })], assisted);
    story.when(beforePlan(story)).whenDue();
    expect(story.last('step.completed').data).toMatchObject({ via: 'baseline' });
    expect(spent(story)).toEqual({ tokens: 4_000, costUsd: 1 });
  });

  test('a person who goes on without knowing what became of a call tells the agent so', () => {
    const story = run([agent('resolve', { tools: [askablePay] })], assisted);
    round(story, { calls: [callOf(pay)] });
    story.when(before(story, 'resolve')).when(unknown(story, 'resolve'));
    while (story.state?.active.every((place) => story.state && !isParked(story, place))) story.whenDue();
    story.when(skip(story, 'resolve'));
    expect(observed(story)).toEqual([`${pay} unknown`]);
    expect(requested(story).round).toBe(2);
    story.when(beforePlan(story)).when(unplanned(story, { class: 'denied', code: 'model.refused' }));
    expect(story.state?.end).toMatchObject({ status: 'escalated' });
  });

  test('a person who goes on from a read whose answer was lost tells the agent that it has failed', () => {
    const story = run([agent('resolve')], assisted);
    round(story, { calls: [callOf(look)] });
    story.when(before(story, 'resolve'));
    const meta = {
      id: 't1',
      epoch: 0,
      index: 0,
      time: story.now,
      cause: callRequestOf(story, 'resolve').requestId,
    };
    const lost = {
      kind: 'poison',
      topic: 'tool.events',
      type: 'tool.succeeded/1',
      problem: 'x',
      meta,
    } as const;
    story.whenBroken(lost).thenTypes('call.recorded', 'step.parked', 'run.parked');
    story.when(skip(story, 'resolve'));
    expect(observed(story)).toEqual([`${look} failed`]);
    expect(requested(story).round).toBe(2);
  });

  test('a step that a person has it try again keeps what it knows', () => {
    const story = run(
      [agent('resolve', { minConfidence: 0.5 }, { onFailure: { do: 'escalate' } })],
      assisted,
    );
    round(story, { calls: [callOf(pay)] });
    perform(story, 'resolve');
    round(story, { output: {}, confidence: 0 });
    story.when(retry(story, 'resolve'));
    expect(requested(story).known.observed).toHaveLength(1);
    round(story, { calls: [callOf(pay)] });
    expect(observed(story)).toEqual([`${pay} succeeded`]);
    expect(story.last('agent.fell_back').data).toMatchObject({ failure: { code: 'agent.loop' } });
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

const isParked = (story: RunStory, place: number): boolean =>
  describeRun(story.state!).waitingFor?.some(({ kind }) => kind === 'operator') === true && place >= 0;

test('a call whose answer cannot be read waits for a person, who has it made once more', () => {
  const story = run([agent('resolve')], assisted);
  round(story, { calls: [callOf(look)] });
  const first = callRequestOf(story, 'resolve');
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause: first.requestId };
  const type = 'tool.succeeded/1';
  story.when(before(story, 'resolve'));
  story.whenBroken({ kind: 'poison', topic: 'tool.events', type, meta, problem: 'odd' });
  story.thenTypes('call.recorded', 'step.parked', 'run.parked');
  expect(describeRun(story.state!).waitingFor).toMatchObject([{ kind: 'operator' }, { kind: 'operator' }]);
  story.when(retry(story, 'resolve')).thenTypes('run.unparked', 'step.resumed');
  story.whenDue().thenTypes('call.requested');
  expect(callRequestOf(story, 'resolve').callHash).toBe(first.callHash);
  perform(story, 'resolve');
  expect(observed(story)).toEqual([`${look} succeeded`]);
});
