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
  sha256,
  storedIn,
} from '@interlock/contracts';
import type { CompiledAgentStep } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import { microUsd, planReserve, roundsExceeded } from '../budget.js';
import { argumentsOf } from '../call/arguments.js';
import { stepDeadline } from '../call/deadline.js';
import { principalOf } from '../call/request.js';
import { backoffMs } from '../call/retry.js';
import type { DecisionDraft } from '../decision.draft.js';
import { eventIdOf } from '../ids.js';
import type { StepIndex } from '../indices.js';
import { misfitText } from '../misfit.js';
import type { PlanAnswered } from '../run.messages.js';
import { agentAt, openPlanAt } from './agents.js';
import { questionsLeft } from './conversation.js';
import { fallBack } from './decide.js';
import { questionOf } from './question.js';
import type { AgentState, OpenPlan } from './state.js';

/*
 * I7 for models: a request reserves the most it may use before the planner sees it, and is settled by what the planner
 * says it used; if that is unknown, all of it counts as used.
 */

type Answered = MessageOf<typeof PlanProposed>['data'] | MessageOf<typeof PlanFailed>['data'];
type Outcome = MessageOf<typeof PlanRecorded>['data']['outcome'];

const planIdOf = (draft: DecisionDraft, { seq }: OpenPlan): string => eventIdOf(draft.key, seq);

/** Requests of one round, to one model. */
const ATTEMPTS_MAX = 3;

/** Asks the planner for the next proposal. */
export function requestPlan(draft: DecisionDraft, step: StepIndex, purpose: OpenPlan['purpose']): undefined {
  const definition = draft.definitionOf(step, 'agent');
  const agent = agentAt(draft.state, step);
  const isAgain = agent.at.phase === 'retry' || agent.at.phase === 'stopped';
  const round = isAgain ? agent.rounds : agent.rounds + 1;
  if (round > definition.agent.budget.steps) return unable(draft, step, purpose, roundsExceeded(definition));
  const question = questionOf(draft, step, purpose);
  if ('class' in question) return unable(draft, step, purpose, question);
  const { settings, now, state } = draft;
  const reserved = planReserve(state, definition, agent, settings.agents);
  if ('class' in reserved) return unable(draft, step, purpose, reserved);
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
      notAfter: Math.min(now + settings.notAfterMs, stepDeadline(draft, step)),
      timeoutMs: settings.agents.timeoutMs,
      principal: principalOf(state),
    }),
  );
}

/** A shadow model that cannot be asked is left out. */
const unable = (
  draft: DecisionDraft,
  step: StepIndex,
  purpose: OpenPlan['purpose'],
  failure: Failure,
): undefined => (purpose === 'shadow' ? undefined : fallBack(draft, step, failure));

/** Records what the planner answers to an open request, and what follows. Any other answer says nothing new. */
export function onPlanAnswer(draft: DecisionDraft, event: PlanAnswered): undefined {
  const step = openStep(draft, event.data.planId);
  if (step === undefined) return;
  const plan = openPlanAt(draft.state, step);
  if (event.type === 'plan.failed') {
    const { failure, called } = event.data;
    const charged = called ? chargeOf(plan, event.data) : NOTHING;
    return settlePlan(draft, step, { kind: 'failed', failure }, charged, event.data);
  }
  const proposal = complete(draft, step, event.data.proposal);
  const definition = draft.definitionOf(step, 'agent');
  const agent = agentAt(draft.state, step);
  const broken =
    outputProblem(definition, proposal.output) ?? questionProblem(definition, agent, plan, proposal);
  const outcome: Outcome =
    broken === undefined ? { kind: 'proposed', proposal } : { kind: 'failed', failure: broken };
  settlePlan(draft, step, outcome, chargeOf(plan, event.data), event.data);
}

/**
 * The proposal with each call in the form in which it would be made: a call that was proposed before is known by it. What a
 * tool does not take stays as it was proposed, and is refused when its turn comes.
 */
function complete(draft: DecisionDraft, step: StepIndex, proposal: Proposal): Proposal {
  const { tools } = draft.definitionOf(step, 'agent').agent;
  const calls = proposal.calls.map((call) => {
    // A call without arguments has no `arguments` field.
    const given = { ...call, arguments: call.arguments ?? {} };
    const tool = tools.find(({ tool: name }) => name === call.tool);
    if (tool === undefined) return given;
    const made = argumentsOf(draft, { name: tool.tool, toolHash: tool.toolHash }, given.arguments);
    return 'class' in made ? given : { ...given, ...made };
  });
  return { ...proposal, calls };
}

const NOTHING = { tokens: 0, costUsd: 0 };

export function openStep(draft: DecisionDraft, planId: string): StepIndex | undefined {
  return draft.state.openPlans.find((step) => planIdOf(draft, openPlanAt(draft.state, step)) === planId);
}

/** Never more than was reserved. */
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
  return { class: 'invalid_output', code, message: `the output: ${misfitText(misfit)}` };
}

/** A planner that offers no question may send one all the same. */
function questionProblem(
  definition: CompiledAgentStep,
  agent: AgentState,
  { purpose }: OpenPlan,
  { question, output }: Proposal,
): Failure | undefined {
  if (question === undefined) return undefined;
  const mayAsk = purpose !== 'shadow' && questionsLeft(definition, agent) !== undefined;
  if (mayAsk && output === undefined) return undefined;
  const message = mayAsk ? 'a question and an output at once' : 'a question that this step may not ask';
  return { class: 'invalid_output', code: 'agent.question', message };
}

type Charge = { readonly tokens: number; readonly costUsd: number };

function settlePlan(
  draft: DecisionDraft,
  step: StepIndex,
  outcome: Outcome,
  charged: Charge,
  answered?: Answered,
): undefined {
  const plan = openPlanAt(draft.state, step);
  const { id } = draft.definition(step);
  const { round, purpose, model } = plan;
  const { usage, raw, tookMs } = answered ?? {};
  const isShadow = purpose === 'shadow';
  const eventId = draft.emit(
    PlanRecorded({
      planId: planIdOf(draft, plan),
      step: id,
      round,
      purpose,
      level: agentAt(draft.state, step).level,
      model,
      outcome,
      charged,
      ...(usage === undefined ? {} : { usage }),
      ...(raw === undefined ? {} : { raw }),
      ...(tookMs === undefined ? {} : { tookMs }),
      asks: outcome.kind === 'proposed' && !isShadow,
      ...(isShadow && outcome.kind === 'proposed' ? agreement(draft, step, outcome.proposal.output) : {}),
      principal: principalOf(draft.state),
    }),
  );
  if (outcome.kind !== 'failed' || isShadow) return;
  const stop = answered !== undefined && 'stop' in answered ? answered.stop : undefined;
  if (stop === undefined || draft.isEndingAt(step)) return planFailed(draft, step, outcome.failure, eventId);
  draft.emit(StepStopped({ step: id, stop }));
}

const agreement = (draft: DecisionDraft, step: StepIndex, output: unknown) => ({
  agrees: output !== undefined && isSameOutput(output, outputAt(draft, step)),
});

/** One that is kept outside of the log is the same where its bytes are. */
function isSameOutput(output: unknown, given: unknown): boolean {
  const stored = storedIn(given);
  return stored === undefined ? sameJson(output, given) : sha256(JSON.stringify(output)) === stored.hash;
}

function outputAt(draft: DecisionDraft, step: StepIndex): unknown {
  const { at } = draft.step(step);
  return at.status === 'completed' ? at.output : undefined;
}

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
/** Failures after which another model may succeed. */
const elsewhere: ReadonlySet<Failure['class']> = new Set([
  ...passing,
  'quota_exhausted',
  'context_overflow',
  'unauthorized',
]);
const WAIT_MS_MAX = 60_000;

function planFailed(draft: DecisionDraft, step: StepIndex, failure: Failure, eventId: string): undefined {
  if (draft.isEndingAt(step)) return;
  const { model, failures } = agentAt(draft.state, step);
  const { fallbackModel } = draft.settings.agents;
  const isPassing = passing.has(failure.class) && failures < ATTEMPTS_MAX;
  const other = elsewhere.has(failure.class) && fallbackModel !== model ? fallbackModel : undefined;
  const next = isPassing ? model : other;
  if (next === undefined) return fallBack(draft, step, failure);
  const wait = isPassing
    ? Math.min(failure.retryAfterMs ?? backoffMs(eventId, failures, { backoffMs: 500 }), WAIT_MS_MAX)
    : 0;
  const due = draft.now + wait;
  if (due >= stepDeadline(draft, step)) return fallBack(draft, step, failure);
  draft.emit(PlanRetryScheduled({ step: draft.definition(step).id, failure, due, model: next }));
}

/** Policy forbids the request: the planner has not asked the model. */
export function denyPlan(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  settlePlan(draft, step, { kind: 'failed', failure }, NOTHING);
}

/** When a request counts as never to be answered, UTC ms. */
export const planLostAt = ({ notAfter, timeoutMs }: OpenPlan, clockSkewMs: number): number =>
  notAfter + timeoutMs + clockSkewMs;

/** Nobody waits for the answer any more. It may have been made, so all of it is charged. */
export function abandonPlan(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  const { tokens, microUsd: reserved } = openPlanAt(draft.state, step);
  settlePlan(draft, step, { kind: 'failed', failure }, { tokens, costUsd: reserved / 1_000_000 });
}

/** What ends, a run or a turn, waits for no plan. */
export function abandonPlans(draft: DecisionDraft): undefined {
  const message = 'the run, or the turn of its step, is ending';
  for (const step of draft.state.openPlans) {
    if (draft.isFull) return;
    if (!draft.isEndingAt(step)) continue;
    abandonPlan(draft, step, { class: 'cancelled', code: 'plan.abandoned', message });
  }
}

/** Requests whose answer never came. */
export function firePlans(draft: DecisionDraft): undefined {
  const { clockSkewMs } = draft.settings;
  for (const step of draft.state.openPlans) {
    const lostAt = planLostAt(openPlanAt(draft.state, step), clockSkewMs);
    if (draft.isFull) return;
    if (draft.now < lostAt) continue;
    const message = 'the planner has not answered in time';
    abandonPlan(draft, step, { class: 'timeout', code: 'plan.no_answer', message });
  }
}
