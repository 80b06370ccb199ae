import { CallOverdue, type Failure } from '@interlock/contracts';
import { fallBack, isIdle } from '../agent/decide.js';
import { abandonPlan, firePlans, planLostAt } from '../agent/plans.js';
import type { AgentState } from '../agent/state.js';
import { durationExceeded } from '../budget.js';
import { timedOut } from '../call/deadline.js';
import { continueRecovery } from '../call/recovery.js';
import { requestAgain } from '../call/request.js';
import { isTakenBack, revoke } from '../call/revoke.js';
import type { DecisionDraft } from '../decision.draft.js';
import { requestAt } from '../edit.js';
import type { StepIndex } from '../indices.js';
import type { Settings } from '../options.js';
import { ownerAt } from '../owners.js';
import { definitionAt, isClosed, stepAt, workflowIndexOf } from '../scope/workflow.index.js';
import type { CallState, RequestState, RunState, StepState } from '../state.js';
import { followFallback } from '../step/fail.js';
import { endWait } from '../step/wait/start.js';

const isEnding = (state: RunState): boolean => state.failed !== null || state.cancelling !== null;

/** When the run next wants to be asked, UTC ms. */
export function dueOf(state: RunState, settings: Settings): number | undefined {
  if (state.end !== null) return undefined;
  if (state.parked !== null) return parkedUntil(state);
  let due = Number.POSITIVE_INFINITY;
  if (state.ready.length > 0 && !isEnding(state)) {
    if (state.paused === null) return state.time;
    due = state.origin.deadline;
  }
  if (state.rollback !== null && state.rollback.place === undefined && isQuiet(state)) return state.time;
  if (isUnfinished(state)) return state.time;
  for (const place of state.active) due = Math.min(due, ...instantsOf(state, place, settings));
  for (const place of state.openPlans) {
    due = Math.min(due, planLostAt(stepAt(state, place).agent!.plan!, settings.clockSkewMs));
  }
  for (const ordinal of state.openRequests)
    due = Math.min(due, overdueAt(requestAt(state, ordinal), settings));
  return due === Number.POSITIVE_INFINITY ? undefined : due;
}

/** A run that broke at its deadline, or while it ended, waits for an operator alone: asked again it would break again. */
function parkedUntil({ parked, origin, ...state }: RunState): number | undefined {
  const isPastIt = parked === null || parked.at >= origin.deadline;
  return isPastIt || state.failed !== null || state.cancelling !== null ? undefined : origin.deadline;
}

/** Whether the last decision was full before it had done everything: it goes on at once. */
function isUnfinished(state: RunState): boolean {
  if (isEnding(state) && state.openPlans.length > 0) return true;
  if (isEnding(state)) return state.openRequests.some((ordinal) => isTakenBack(state, ordinal, ownerAt));
  const { steps } = workflowIndexOf(state.origin.compiled);
  return isQuiet(state) && state.closed === steps.length;
}

const isQuiet = ({ openRequests, unjudged, openPlans }: RunState): boolean =>
  openRequests.length + unjudged.length + openPlans.length === 0;

const overdueAt = (callRequest: RequestState, { clockSkewMs }: Settings): number =>
  callRequest.overdue === true
    ? Number.POSITIVE_INFINITY
    : callRequest.notAfter + callRequest.timeoutMs + clockSkewMs;

function instantsOf(state: RunState, place: StepIndex, settings: Settings): number[] {
  const step = stepAt(state, place);
  const instants: number[] = [];
  if (step.wait?.until !== undefined && step.status === 'waiting' && !isEnding(state)) {
    instants.push(step.wait.until);
  }
  if (hasFallbackEnded(state, place)) instants.push(state.time);
  if (step.call !== undefined && goesOn(state, place)) instants.push(...nextOf(step.call, state, settings));
  if (step.agent !== undefined && goesRound(state, step.agent))
    instants.push(...nextOf(step.agent, state, settings, state.time));
  if (isEnding(state) || !canExpire(state, step)) return instants;
  instants.push(state.origin.deadline);
  const { totalMs } = definitionAt(state, place).timeout;
  if (totalMs !== undefined && step.status !== 'parked') instants.push(startedAt(state, place) + totalMs);
  return instants;
}

/** When what waits is taken up again: at its time, or as soon as what stopped it is lifted. */
function nextOf(
  { due, stop }: Pick<CallState, 'due' | 'stop'>,
  { time }: RunState,
  settings: Settings,
  otherwise?: number,
): number[] {
  if (stop !== undefined) return settings.isLifted(stop.number) ? [time] : [];
  const next = due ?? otherwise;
  return next === undefined ? [] : [next];
}

/** A fallback that serves many steps completes them over several decisions. */
function hasFallbackEnded(state: RunState, place: StepIndex): boolean {
  if (isEnding(state) || stepAt(state, place).status !== 'fell_back') return false;
  return isClosed(stepAt(state, workflowIndexOf(state.origin.compiled).fallback[place]!));
}

/** Whether an agent step has its next turn. */
const goesRound = (state: RunState, agent: AgentState): boolean =>
  isIdle(agent) && !isEnding(state) && state.paused === null;

/** A call has as long as the step it is made for. */
function startedAt(state: RunState, place: StepIndex): number {
  const step = ownerAt(state, place).step(state, place) ?? place;
  return stepAt(state, step).startedAt ?? state.time;
}

/**
 * Whether its call is taken up again at `due`. A next attempt waits for checks that are still open behind it and for a
 * run that is paused; a call in doubt was made once, so they had allowed it.
 */
function goesOn(state: RunState, place: StepIndex): boolean {
  const { call, unmet } = stepAt(state, place);
  if (call?.phase === 'settling' || call?.phase === 'asking') return true;
  if (call?.phase !== 'retry') return false;
  if (call.doubt !== undefined || ownerAt(state, place).outlastsRun) return true;
  return unmet === 0 && state.paused === null && !isEnding(state);
}

/** Whether time that is up ends the step: not what has happened or may have happened. */
function canExpire(state: RunState, { status, call, agent }: StepState): boolean {
  // Its call first.
  if (agent?.place !== undefined) return false;
  if (status === 'fell_back' || call?.doubt !== undefined) return false;
  if (status === 'parked') return true;
  if (call?.result === 'happened') return false;
  return call?.phase !== 'requested' || requestAt(state, call.callRequest).revoked === undefined;
}

/** Does what has fallen due; what no longer fits into the decision is still due after it. */
export function fireTimers(draft: DecisionDraft): undefined {
  for (const ordinal of draft.state.openRequests) {
    if (draft.isFull) return;
    const callRequest = requestAt(draft.state, ordinal);
    if (draft.now < overdueAt(callRequest, draft.settings)) continue;
    const step = draft.definition(callRequest.step).id;
    draft.emit(CallOverdue({ requestId: `${draft.key}/${callRequest.seq}`, step }));
  }
  firePlans(draft);
  for (const place of draft.state.active) {
    if (draft.isFull) return;
    fireStep(draft, place);
  }
}

/** Does what has fallen due of one step. */
export function fireStep(draft: DecisionDraft, place: StepIndex): undefined {
  const { state, now } = draft;
  const step = draft.step(place);
  if (step.status === 'waiting' && !isEnding(state)) endWait(draft, place);
  if (hasFallbackEnded(state, place)) return followFallback(draft, place);
  if (expire(draft, place)) return;
  const { call } = draft.step(place);
  if (call === undefined || !goesOn(draft.state, place)) return;
  if (!nextOf(call, state, draft.settings).some((at) => at <= now)) return;
  if (call.doubt !== undefined) return continueRecovery(draft, place);
  const refused = requestAgain(draft, place);
  if (refused !== undefined) draft.owner(place).failed(draft, place, refused);
}

/** Its rules may still act: they take no time. */
function expireAgent(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  if (draft.step(place).agent!.plan !== undefined) return abandonPlan(draft, place, failure);
  fallBack(draft, place, failure);
}

function expire(draft: DecisionDraft, place: StepIndex): boolean {
  const step = draft.step(place);
  if (isEnding(draft.state) || !draft.state.active.includes(place)) return false;
  if (!canExpire(draft.state, step)) return false;
  const { totalMs } = draft.definition(place).timeout;
  const isTimedOut =
    totalMs !== undefined && step.status !== 'parked' && draft.now >= startedAt(draft.state, place) + totalMs;
  if (!isTimedOut && !draft.isOverdue) return false;
  const failure = isTimedOut ? timedOut(draft, place) : durationExceeded(draft.state);
  if (step.call?.phase === 'requested') revoke(draft, step.call.callRequest, 'timeout');
  else if (step.agent !== undefined && step.status === 'running') expireAgent(draft, place, failure);
  else draft.owner(place).failed(draft, place, failure);
  return true;
}
