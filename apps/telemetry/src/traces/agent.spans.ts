import { spanIdOf } from '@interlock/contracts';
import { modelInputOf } from '../metrics/run.measures.agents.js';
import { groundednessOf } from '../quality/groundedness.js';
import { childSpan, type OpenTrace, stepSpan, type TracedEvent } from './open.trace.js';
import { type Attributes, type FinishedSpan, finish, note } from './span.js';

type Of<Type extends TracedEvent['type']> = Extract<TracedEvent, { type: Type }>;

/** The step is an agent's: its span says so from here on, under the id it has. */
export function startAgent(trace: OpenTrace, event: Of<'agent.started'>): void {
  const { step, level, model, promptHash, tools } = event.data;
  const span = stepSpan(trace, step, event);
  const agent = {
    ...span,
    name: `invoke_agent ${step}`,
    attributes: {
      ...span.attributes,
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': step,
      'gen_ai.provider.name': model && providerOf(model),
      'gen_ai.request.model': model && nameOf(model),
      'interlock.agent.level': level,
      'interlock.agent.prompt': promptHash,
      'interlock.agent.tools': tools.map(({ name }) => name),
    },
  };
  trace.steps.set(step, agent);
  trace.agents.set(step, agent);
}

/** Policy is asked whether the model may be asked, so a request opens a check too. */
export function requestPlan(trace: OpenTrace, event: Of<'plan.requested'>): void {
  const { id, time, data } = event;
  const { step, round, attempt, purpose, model, promptHash } = data;
  const parent = trace.agents.get(step) ?? stepSpan(trace, step, event);
  const span = childSpan('orchestrator', `plan ${step}`, spanIdOf('plan', id), parent, time, {
    'interlock.run.id': event.run,
    'interlock.event.id': id,
    'interlock.step': step,
    'interlock.plan.round': round,
    'interlock.plan.attempt': attempt,
    'interlock.plan.purpose': purpose,
    'gen_ai.operation.name': 'plan',
    'gen_ai.agent.name': step,
    'gen_ai.provider.name': providerOf(model),
    'gen_ai.request.model': nameOf(model),
    'interlock.agent.prompt': promptHash,
  });
  trace.plans.set(id, { span, asked: event });
  openModelCheck(trace, event, 'before', span.spanId);
}

/** Policy is asked about a model: whether it may be asked, or whether its proposal may be acted on. */
function openModelCheck(
  trace: OpenTrace,
  { id, run, time }: TracedEvent,
  point: 'before' | 'after',
  spanId: string,
): void {
  const parent = { spanId, service: 'orchestrator' as const };
  const what = point === 'before' ? 'model.call' : 'model.output';
  const attributes = { 'interlock.run.id': run, 'interlock.event.id': id, 'interlock.policy.point': point };
  const span = childSpan('policy', `check ${what}`, spanIdOf('check', id), parent, time, attributes);
  trace.checks.set(id, span);
}

/** The planner's answer: what it cost, how sure the model is, and how much of its output it was told. */
export function recordPlan(trace: OpenTrace, event: Of<'plan.recorded'>): FinishedSpan[] {
  const { time, data } = event;
  const open = trace.plans.get(data.planId);
  if (open === undefined) return [];
  trace.plans.delete(data.planId);
  const { span, asked } = open;
  const { outcome, asks, tookMs } = data;
  if (asks) openModelCheck(trace, event, 'after', span.spanId);
  const error = outcome.kind === 'failed' ? outcome.failure.class : undefined;
  const said = { ...costOf(data), ...proposalOf(data) };
  const ratio = groundednessIn(asked, data);
  if (ratio !== undefined)
    note(span, 'gen_ai.evaluation.result', time, {
      'gen_ai.evaluation.name': 'groundedness',
      'gen_ai.evaluation.score.value': ratio,
    });
  const work = tookMs === undefined ? [] : [chatOf(trace, span, event, tookMs, said, error)];
  return [
    ...work,
    finish(trace.traceId, span, time, { ...said, 'interlock.plan.outcome': outcome.kind }, error),
  ];
}

/** The planner's own time with the model. */
function chatOf(
  trace: OpenTrace,
  plan: FinishedSpan | OpenTrace['run'],
  { id, run, time, data }: Of<'plan.recorded'>,
  tookMs: number,
  said: Attributes,
  error: string | undefined,
): FinishedSpan {
  const { model } = data;
  const from = Math.min(Math.max(time - tookMs, plan.start), time);
  const span = childSpan('planner', `chat ${nameOf(model)}`, spanIdOf('chat', id), plan, from, {
    'interlock.run.id': run,
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': providerOf(model),
    'gen_ai.request.model': nameOf(model),
  });
  return finish(trace.traceId, { ...span, kind: 'client' }, time, said, error);
}

const costOf = ({ usage, charged }: Of<'plan.recorded'>['data']): Attributes => ({
  'gen_ai.usage.input_tokens': usage?.inputTokens,
  'gen_ai.usage.output_tokens': usage?.outputTokens,
  'interlock.charged.tokens': charged.tokens,
  'interlock.charged.usd': charged.costUsd,
});

const proposalOf = ({ outcome }: Of<'plan.recorded'>['data']): Attributes =>
  outcome.kind === 'failed'
    ? {}
    : {
        'interlock.plan.confidence': outcome.proposal.confidence,
        'interlock.plan.calls': outcome.proposal.calls.length,
        'interlock.plan.has_output': outcome.proposal.output !== undefined,
      };

function groundednessIn(
  asked: Of<'plan.requested'>,
  { outcome }: Of<'plan.recorded'>['data'],
): number | undefined {
  if (outcome.kind === 'failed' || outcome.proposal.output === undefined) return undefined;
  const { claims, found } = groundednessOf(outcome.proposal.output, asked.data.output, modelInputOf(asked));
  return claims === 0 ? undefined : found / claims;
}

/** What became of a proposed call. The tool of one that was not made is a name the model wrote, which may be anything. */
export function observedOf({ round, result, tool }: Of<'agent.observed'>['data']['observation']): Attributes {
  const wasMade = result === 'succeeded' || result === 'failed' || result === 'denied';
  return {
    'interlock.plan.round': round,
    'interlock.agent.result': result,
    'gen_ai.tool.name': wasMade ? tool : undefined,
  };
}

/** `provider/name` */
const providerOf = (model: string): string => model.slice(0, Math.max(0, model.indexOf('/'))) || 'unknown';
const nameOf = (model: string): string => model.slice(model.indexOf('/') + 1);
