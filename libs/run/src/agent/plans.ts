import {
  type Failure,
  type MessageOf,
  type PlanFailed,
  type PlanProposed,
  PlanRecorded,
  PlanRequested,
  PlanRetryScheduled,
  type Proposal,
  planHashOf,
  StepStopped,
} from '@interlock/contracts';
import type { CompiledAgentStep } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import { microUsd, planReserve, roundsExceeded } from '../budget.js';
import { argumentsOf } from '../call/arguments.js';
import { deadlineOf } from '../call/deadline.js';
import { principalOf } from '../call/request.js';
import { backoffMs } from '../call/retry.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { toldOf } from '../misfit.js';
import type { PlanAnswered } from '../run.messages.js';
import { fallBack } from './decide.js';
import { questionOf } from './question.js';
import type { AgentState, OpenPlan } from './state.js';

/*
 * I7 for models: a request reserves the most it may use before the planner sees it, and is settled by what the planner
 * says it used; what nobody knows counts as all of it.
 */

type Answered = MessageOf<typeof PlanProposed>['data'] | MessageOf<typeof PlanFailed>['data'];
type Outcome = MessageOf<typeof PlanRecorded>['data']['outcome'];

const agentOf = (draft: DecisionDraft, place: StepIndex): AgentState => draft.step(place).agent!;
const definitionOf = (draft: DecisionDraft, place: StepIndex) => draft.definition(place) as CompiledAgentStep;
const planIdOf = (draft: DecisionDraft, { seq }: OpenPlan): string => `${draft.key}/${seq}`;

/** Requests of one round, to one model. */
const ATTEMPTS_MAX = 3;

/** Asks the planner for the next proposal. */
export function requestPlan(draft: DecisionDraft, place: StepIndex, purpose: OpenPlan['purpose']): undefined {
  const definition = definitionOf(draft, place);
  const agent = agentOf(draft, place);
  const isAgain = agent.due !== undefined || agent.stop !== undefined;
  const round = isAgain ? agent.rounds : agent.rounds + 1;
  if (round > definition.agent.budget.steps) return unable(draft, place, purpose, roundsExceeded(definition));
  const question = questionOf(draft, place, purpose);
  if ('class' in question) return unable(draft, place, purpose, question);
  const { settings, now, state } = draft;
  const reserved = planReserve(state, definition, agent, settings.agents);
  if ('class' in reserved) return unable(draft, place, purpose, reserved);
  draft.emit(
    PlanRequested({
      step: definition.id,
      round,
      attempt: agent.failures + 1,
      purpose,
      level: agent.level,
      ...question,
      salt: state.origin.salt,
      callHash: planHashOf({ ...question, salt: state.origin.salt }),
      reserved,
      notAfter: Math.min(now + settings.notAfterMs, deadlineOf(draft, place)),
      timeoutMs: settings.agents.timeoutMs,
      principal: principalOf(state),
    }),
  );
}

/** A model beside the rules that cannot be asked is left out. */
const unable = (
  draft: DecisionDraft,
  place: StepIndex,
  purpose: OpenPlan['purpose'],
  failure: Failure,
): undefined => (purpose === 'shadow' ? undefined : fallBack(draft, place, failure));

/** Records what the planner answers to an open request, and what follows. Any other answer says nothing new. */
export function onPlanAnswer(draft: DecisionDraft, event: PlanAnswered): undefined {
  const place = openPlace(draft, event.data.planId);
  if (place === undefined) return;
  const { plan } = agentOf(draft, place);
  if (event.type === 'plan.failed') {
    const { failure, called } = event.data;
    const charged = called ? chargeOf(plan!, event.data) : NOTHING;
    return settlePlan(draft, place, { kind: 'failed', failure }, charged, event.data);
  }
  const proposal = complete(draft, place, event.data.proposal);
  const broken = outputProblem(definitionOf(draft, place), proposal.output);
  const outcome: Outcome =
    broken === undefined ? { kind: 'proposed', proposal } : { kind: 'failed', failure: broken };
  settlePlan(draft, place, outcome, chargeOf(plan!, event.data), event.data);
}

/**
 * The proposal with each call in the form in which it would be made: a call that was proposed before is known by it. What a
 * tool does not take stays as it was proposed, and is refused when its turn comes.
 */
function complete(draft: DecisionDraft, place: StepIndex, proposal: Proposal): Proposal {
  const { tools } = definitionOf(draft, place).agent;
  const calls = proposal.calls.map((call) => {
    // A call without arguments has none.
    const given = { ...call, arguments: call.arguments ?? {} };
    const tool = tools.find(({ tool: name }) => name === call.tool);
    if (tool === undefined) return given;
    const made = argumentsOf(draft, { name: tool.tool, toolHash: tool.toolHash }, given.arguments);
    return 'class' in made ? given : { ...given, ...made };
  });
  return { ...proposal, calls };
}

const NOTHING = { tokens: 0, costUsd: 0 };

export function openPlace(draft: DecisionDraft, planId: string): StepIndex | undefined {
  return draft.state.openPlans.find((place) => planIdOf(draft, agentOf(draft, place).plan!) === planId);
}

/** Never more than was reserved: what is charged is what the budgets were asked for. */
function chargeOf({ tokens, microUsd: reserved }: OpenPlan, { usage, costUsd }: Answered) {
  const used = usage === undefined ? tokens : usage.inputTokens + usage.outputTokens;
  const cost = costUsd === undefined || usage === undefined ? reserved : microUsd(costUsd);
  return { tokens: Math.min(used, tokens), costUsd: Math.min(cost, reserved) / 1_000_000 };
}

/** @returns what is wrong with the output of a step */
export function outputProblem({ agent }: CompiledAgentStep, output: unknown): Failure | undefined {
  if (output === undefined || agent.output === undefined) return undefined;
  const misfit = misfitOf(agent.output, output);
  if (misfit === undefined) return undefined;
  const code = misfit.code === 'schema.too_expensive' ? misfit.code : 'agent.output';
  return { class: 'invalid_output', code, message: `the output: ${toldOf(misfit)}` };
}

type Charge = { readonly tokens: number; readonly costUsd: number };

function settlePlan(
  draft: DecisionDraft,
  place: StepIndex,
  outcome: Outcome,
  charged: Charge,
  answered?: Answered,
): undefined {
  const { plan } = agentOf(draft, place);
  const { id: step } = definitionOf(draft, place);
  const { round, purpose, model, hash: callHash } = plan!;
  const { usage, raw, tookMs } = answered ?? {};
  const isShadow = purpose === 'shadow';
  const eventId = draft.emit(
    PlanRecorded({
      planId: planIdOf(draft, plan!),
      step,
      round,
      purpose,
      level: agentOf(draft, place).level,
      model,
      outcome,
      callHash,
      charged,
      ...(usage === undefined ? {} : { usage }),
      ...(raw === undefined ? {} : { raw }),
      ...(tookMs === undefined ? {} : { tookMs }),
      asks: outcome.kind === 'proposed' && !isShadow,
      ...(isShadow && outcome.kind === 'proposed' ? agreement(draft, place, outcome.proposal.output) : {}),
      principal: principalOf(draft.state),
    }),
  );
  if (outcome.kind !== 'failed' || isShadow) return;
  const stop = answered !== undefined && 'stop' in answered ? answered.stop : undefined;
  if (stop === undefined || draft.isEnding) return planFailed(draft, place, outcome.failure, eventId);
  draft.emit(StepStopped({ step, stop }));
}

const agreement = (draft: DecisionDraft, place: StepIndex, output: unknown) => ({
  agrees: output !== undefined && sameJson(output, draft.step(place).output),
});

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

const passing: ReadonlySet<Failure['class']> = new Set([
  'transient',
  'timeout',
  'rate_limited',
  'outcome_unknown',
  'invalid_output',
]);
/** Another model may be able to do what this one is not. */
const elsewhere: ReadonlySet<Failure['class']> = new Set([
  ...passing,
  'quota_exhausted',
  'context_overflow',
  'unauthorized',
]);
const WAIT_MS_MAX = 60_000;

function planFailed(draft: DecisionDraft, place: StepIndex, failure: Failure, eventId: string): undefined {
  if (draft.isEnding) return;
  const { model, failures } = agentOf(draft, place);
  const { fallbackModel } = draft.settings.agents;
  const isPassing = passing.has(failure.class) && failures < ATTEMPTS_MAX;
  const other = elsewhere.has(failure.class) && fallbackModel !== model ? fallbackModel : undefined;
  const next = isPassing ? model : other;
  if (next === undefined) return fallBack(draft, place, failure);
  const wait = isPassing
    ? Math.min(failure.retryAfterMs ?? backoffMs(eventId, failures, { backoffMs: 500 }), WAIT_MS_MAX)
    : 0;
  const due = draft.now + wait;
  if (due >= deadlineOf(draft, place)) return fallBack(draft, place, failure);
  draft.emit(PlanRetryScheduled({ step: definitionOf(draft, place).id, failure, due, model: next }));
}

/** Policy forbids the request: the planner has not asked the model. */
export function denyPlan(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  settlePlan(draft, place, { kind: 'failed', failure }, NOTHING);
}

/** When a request counts as never to be answered, UTC ms. */
export const planLostAt = ({ notAfter, timeoutMs }: OpenPlan, clockSkewMs: number): number =>
  notAfter + timeoutMs + clockSkewMs;

/** Nobody waits for the answer any more. It may have been made, so all of it is charged. */
export function abandonPlan(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  const { tokens, microUsd: reserved } = agentOf(draft, place).plan!;
  settlePlan(draft, place, { kind: 'failed', failure }, { tokens, costUsd: reserved / 1_000_000 });
}

/** A run that ends waits for no plan. */
export function abandonPlans(draft: DecisionDraft): undefined {
  const message = 'the run is ending';
  for (const place of draft.state.openPlans) {
    if (draft.isFull) return;
    abandonPlan(draft, place, { class: 'cancelled', code: 'plan.abandoned', message });
  }
}

/** Requests whose answer never came. */
export function firePlans(draft: DecisionDraft): undefined {
  const { clockSkewMs } = draft.settings;
  for (const place of draft.state.openPlans) {
    const lostAt = planLostAt(agentOf(draft, place).plan!, clockSkewMs);
    if (draft.isFull) return;
    if (draft.now < lostAt) continue;
    const message = 'the planner has not answered in time';
    abandonPlan(draft, place, { class: 'timeout', code: 'plan.no_answer', message });
  }
}
