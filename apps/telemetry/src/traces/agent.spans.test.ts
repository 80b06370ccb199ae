import { spanIdOf, traceIdOf } from '@interlock/contracts';
import { ProjectionRows } from '@interlock/projection';
import { expect, test } from 'vitest';
import type { TracedEvent } from './open.trace.js';
import { runTraces } from './run.traces.js';
import type { FinishedSpan } from './span.js';

type Happened = readonly [type: string, data: object];

/** A run written by hand: each event a second after the one before. */
function spansOf(...events: readonly Happened[]): FinishedSpan[] {
  const spans: FinishedSpan[] = [];
  const open = new ProjectionRows(runTraces('kafka'), (span) => spans.push(span));
  for (const [at, [type, data]] of events.entries()) {
    const place = { id: `run/${at + 1}`, run: 'run', time: at * 1_000, partition: 0, offset: at };
    open.apply({ type, data, ...place } as unknown as TracedEvent);
  }
  return spans;
}

const started: Happened = [
  'run.started',
  { workflow: { name: 'w', version: 1 }, rootRunId: 'run', commandId: 'run/start' },
];
const agent = (level = 'assisted'): Happened => [
  'agent.started',
  { step: 'desk', level, why: 'w', model: 'openai/gpt-x', promptHash: 'p', tools: [{ name: 'orders.get' }] },
];
const requested = (purpose = 'act'): Happened => [
  'plan.requested',
  {
    step: 'desk',
    round: 1,
    attempt: 1,
    purpose,
    model: 'openai/gpt-x',
    promptHash: 'p',
    goal: 'for Mary Poppins',
    known: { facts: { total: 12 }, observed: [] },
  },
];
const recorded = (outcome: object, more: object = {}): Happened => [
  'plan.recorded',
  {
    planId: 'run/3',
    step: 'desk',
    round: 1,
    purpose: 'act',
    model: 'openai/gpt-x',
    outcome,
    usage: { inputTokens: 900, outputTokens: 40 },
    charged: { tokens: 940, costUsd: 0.002 },
    raw: 'Mary Poppins',
    tookMs: 700,
    asks: true,
    ...more,
  },
];
const proposed = {
  kind: 'proposed',
  proposal: { calls: [], output: { total: 12, to: 'Ann' }, confidence: 0.8 },
};
const verdict = (checkId: string, point: string): Happened => [
  'verdict.recorded',
  { checkId, ...(point === 'after' && { planId: 'run/3' }), point, verdict: 'allow', policies: ['p'] },
];
const completed: readonly Happened[] = [
  ['step.completed', { step: 'desk', via: 'agent' }],
  ['run.completed', { output: {}, success: true }],
];

const named = (spans: readonly FinishedSpan[], name: string): FinishedSpan => {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
};

test('a round of an agent is a plan beneath its step, with the planner’s time with the model and policy’s two checks beneath it', () => {
  const spans = spansOf(
    started,
    agent(),
    requested(),
    verdict('run/3', 'before'),
    recorded(proposed),
    verdict('run/5', 'after'),
    ...completed,
  );
  const step = named(spans, 'invoke_agent desk');
  const plan = named(spans, 'plan desk');
  expect(step.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'interlock.agent.level': 'assisted',
    'interlock.step.via': 'agent',
  });
  expect(plan).toMatchObject({
    service: 'orchestrator',
    start: 2_000,
    end: 4_000,
    parent: { spanId: step.spanId, isRemote: false },
  });
  expect(named(spans, 'chat gpt-x')).toMatchObject({
    service: 'planner',
    kind: 'client',
    start: 3_300,
    end: 4_000,
    spanId: spanIdOf('chat', 'run/5'),
    parent: { spanId: plan.spanId, isRemote: true },
    attributes: { 'gen_ai.usage.input_tokens': 900, 'gen_ai.usage.output_tokens': 40 },
  });
  expect(named(spans, 'check model.call')).toMatchObject({ start: 2_000, end: 3_000, service: 'policy' });
  expect(named(spans, 'check model.output')).toMatchObject({ start: 4_000, end: 5_000, service: 'policy' });
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf('run')]));
});

test('how much of the output the model was told stands on its plan; what it said does not', () => {
  const spans = spansOf(started, agent(), requested(), recorded(proposed), ...completed);
  expect(named(spans, 'plan desk').events).toEqual([
    {
      name: 'gen_ai.evaluation.result',
      at: 3_000,
      attributes: { 'gen_ai.evaluation.name': 'groundedness', 'gen_ai.evaluation.score.value': 0.5 },
    },
  ]);
  expect(JSON.stringify(spans)).not.toMatch(/Poppins|Ann/);
});

test('a model that fails shows the class of its failure', () => {
  const failure = { class: 'rate_limited', code: 'c', message: 'of Mary Poppins' };
  const spans = spansOf(
    started,
    agent(),
    requested(),
    recorded({ kind: 'failed', failure }, { asks: false }),
    ['agent.fell_back', { step: 'desk', failure }],
  );
  expect(named(spans, 'plan desk').error).toBe('rate_limited');
  expect(named(spans, 'chat gpt-x').error).toBe('rate_limited');
  expect(JSON.stringify(spans)).not.toContain('Poppins');
});

test('a plan in shadow is emitted after its step has ended, beneath it', () => {
  const spans = spansOf(
    started,
    agent('shadow'),
    ['step.completed', { step: 'desk', via: 'baseline' }],
    requested('shadow'),
    recorded(proposed, { planId: 'run/4', purpose: 'shadow', asks: false, agrees: false }),
    completed[1]!,
  );
  const step = named(spans, 'invoke_agent desk');
  const plan = named(spans, 'plan desk');
  expect(step.end).toBe(2_000);
  expect(plan).toMatchObject({ start: 3_000, parent: { spanId: step.spanId } });
  expect(plan.attributes['interlock.plan.purpose']).toBe('shadow');
});

test('a plan nobody answered ends with its run and says so', () => {
  const failure = { class: 'timeout', code: 'c', message: 'm' };
  const spans = spansOf(started, agent(), requested(), ['run.failed', { failure }]);
  expect(named(spans, 'plan desk').attributes['interlock.unfinished']).toBe(true);
});

test('of a proposed call that was not made no name is emitted: the model may have written anything', () => {
  const observed = (result: string, tool: string): Happened => [
    'agent.observed',
    { step: 'desk', observation: { round: 1, index: 0, tool, result } },
  ];
  const spans = spansOf(
    started,
    agent(),
    observed('unlisted', 'Mary.Poppins'),
    observed('repeated', 'Mary.Poppins'),
    observed('skipped', 'Mary.Poppins'),
    observed('succeeded', 'orders.get'),
    ...completed,
  );
  const { events } = named(spans, 'invoke_agent desk');
  expect(events.map(({ attributes }) => attributes?.['interlock.agent.result'])).toEqual([
    'unlisted',
    'repeated',
    'skipped',
    'succeeded',
  ]);
  expect(events.at(-1)?.attributes?.['gen_ai.tool.name']).toBe('orders.get');
  expect(JSON.stringify(spans)).not.toContain('Poppins');
});
