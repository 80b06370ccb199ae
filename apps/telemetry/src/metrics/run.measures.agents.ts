import { stepNameOf } from '@interlock/contracts';
import { groundednessOf } from '../quality/groundedness.js';
import {
  agentFallbacks,
  agentOutcomes,
  agentSteps,
  groundedness,
  modelCost,
  planSeconds,
  plans,
  proposedCalls,
  shadowPlans,
  tokens,
} from './agent.metrics.js';
import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, named, type OpenRun, seconds, stepOf } from './open.run.js';
import { zerosOfAgent } from './zeros.js';

type AgentEvent = Extract<
  LoggedRunEvent,
  { type: 'agent.started' | 'plan.requested' | 'plan.recorded' | 'agent.observed' | 'agent.fell_back' }
>;
type Recorded = AgentEvent & { type: 'plan.recorded' };

export function agentMeasures(run: OpenRun, event: AgentEvent): Measurement[] {
  const labels = { workflow: run.workflow, step: stepNameOf(event.data.step) };
  switch (event.type) {
    case 'agent.started': {
      const { step, level } = event.data;
      stepOf(run, step, event.time);
      run.agents.set(step, level);
      return [measured(agentSteps, { ...labels, level }), ...zerosOfAgent(labels, level)];
    }
    case 'plan.requested':
      run.plans.set(event.id, event);
      run.asked.set(event.id, event.time);
      run.judged.set(event.id, 'model.call');
      return [];
    case 'plan.recorded':
      return record(run, event);
    case 'agent.observed':
      return [measured(proposedCalls, { ...labels, result: event.data.observation.result })];
    case 'agent.fell_back':
      return [measured(agentFallbacks, { ...labels, because: event.data.failure.code })];
  }
}

function record(run: OpenRun, event: Recorded): Measurement[] {
  const { model, purpose, outcome, asks } = event.data;
  const failed = outcome.kind === 'failed' ? outcome.failure.class : 'proposed';
  if (asks) {
    run.asked.set(event.id, event.time);
    run.judged.set(event.id, 'model.output');
  }
  const measures = [
    measured(plans, { workflow: run.workflow, model, purpose, outcome: failed }),
    ...charge(run, event),
    ...timeOf(run, event),
    ...qualityOf(run, event),
  ];
  run.plans.delete(event.data.planId);
  return measures;
}

/** What the provider says was used; where it says nothing, what was charged. */
function charge(run: OpenRun, { data: { model, usage, charged } }: Recorded): Measurement[] {
  run.microUsd += Math.round(charged.costUsd * 1_000_000);
  const labels = { ...named(run), model };
  const of = (kind: string, value: number) => measured(tokens, { ...labels, kind }, value);
  const used =
    usage === undefined
      ? [of('assumed', charged.tokens)]
      : [of('input', usage.inputTokens), of('output', usage.outputTokens)];
  return [measured(modelCost, labels, charged.costUsd), ...used];
}

function timeOf(run: OpenRun, { time, data: { planId, model, tookMs } }: Recorded): Measurement[] {
  const asked = run.plans.get(planId);
  if (asked === undefined || tookMs === undefined) return [];
  const queueMs = Math.max(0, time - asked.time - tookMs);
  const open = run.steps.get(asked.data.step);
  if (open !== undefined) open.workMs += tookMs;
  return [
    measured(planSeconds, { model, part: 'work' }, seconds(tookMs)),
    measured(planSeconds, { model, part: 'queue' }, seconds(queueMs)),
  ];
}

function qualityOf(run: OpenRun, { data }: Recorded): Measurement[] {
  const { planId, purpose, outcome, agrees } = data;
  const labels = { workflow: run.workflow, step: stepNameOf(data.step) };
  const measures = agrees === undefined ? [] : [measured(shadowPlans, { ...labels, agrees: String(agrees) })];
  const asked = run.plans.get(planId);
  if (asked === undefined || outcome.kind === 'failed' || outcome.proposal.output === undefined)
    return measures;
  const { claims, found } = groundednessOf(outcome.proposal.output, asked.data.output, modelInputOf(asked));
  if (claims === 0) return measures;
  return [...measures, measured(groundedness, { ...labels, purpose }, found / claims)];
}

/** What a model was told: the goal, facts, and what its calls gave. Not what it had said itself, its arguments included. */
export const modelInputOf = ({
  data: { goal, known },
}: Extract<LoggedRunEvent, { type: 'plan.requested' }>): unknown[] => [
  goal,
  known.facts,
  ...known.observed.flatMap(({ output, failure }) => [output, failure?.message]),
];

/** Where the output of an agent step came from. */
export function agentOutcome(
  run: OpenRun,
  { type, data }: Extract<LoggedRunEvent, { type: 'step.completed' | 'step.failed' | 'step.skipped' }>,
): Measurement[] {
  const level = run.agents.get(data.step);
  if (level === undefined) return [];
  const source = type === 'step.completed' ? data.via : 'none';
  return [measured(agentOutcomes, { workflow: run.workflow, step: stepNameOf(data.step), level, source })];
}
