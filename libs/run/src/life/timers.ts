import { CallOverdue, type Failure } from '@interlock/contracts';
import { openPlanAt } from '../agent/agents.js';
import { firePlans, planLostAt } from '../agent/plans.js';
import { durationExceeded } from '../budget.js';
import { callAt } from '../call/calls.js';
import { timedOut } from '../call/deadline.js';
import { continueRecovery } from '../call/recovery.js';
import { requestAgain } from '../call/request.js';
import { requestAt, requestIdOf } from '../call/requests.js';
import { isTakenBack, revoke } from '../call/revoke.js';
import type { RequestState } from '../call/state.js';
import type { DecisionDraft } from '../decision.draft.js';
import { nextOf } from '../due.js';
import { childrenToCancel } from '../family/state.js';
import type { CallIndex, StepIndex } from '../indices.js';
import { rise, riseDue } from '../ladder/rise.js';
import type { Settings } from '../options.js';
import { ownerAt } from '../owners.js';
import { actingFor, callOf, doubtedBy, isBlocked, stepOf } from '../scope/called.js';
import { isEndingAt, isRunEnding } from '../scope/scopes.js';
import { stepIn, workflowIndexOf } from '../scope/workflow.index.js';
import { boundOf, breachDue, recordBreach, recordRunBreach, runBreachDue } from '../sla/sla.js';
import type { RunState } from '../state.js';
import { hasOver } from '../step/body/close.js';
import { failStep, followFallback, owesValue } from '../step/fail.js';
import { kindAt } from '../step/index.js';
import { isClosed, stepAt } from '../step/steps.js';
import { WAITING_END } from './end.js';
import { lapsesAt } from './resumable.js';
import { isAnswered, isSettled } from './settled.js';

/** When the run next wants to be asked, UTC ms. */
export function dueOf(
  state: RunState,
  settings: Settings,
  isAwaited: (waiting: string) => boolean = () => false,
): number | undefined {
  if (state.end !== null) return lapsesAt(state, settings);
  if (state.parked !== null) return parkedUntil(state);
  let due = Number.POSITIVE_INFINITY;
  if (state.ready.length > 0 && !isRunEnding(state)) {
    const mayStart = state.ready.some((step) => !isAwaited(stepIn(state, step).definition.id));
    if (state.paused === null && mayStart) return state.time;
    due = state.origin.deadline;
  }
  const undoing = state.rollback?.call;
  const isUndoing = undoing !== undefined || state.rollback?.child !== undefined;
  if (state.rollback !== null && !isUndoing && isSettled(state)) return state.time;
  if (isUnfinished(state, isAwaited)) return state.time;
  due = Math.min(due, runBreachDue(state) ?? Number.POSITIVE_INFINITY, riseDue(state));
  for (const step of state.active) due = Math.min(due, ...instantsOf(state, step, settings, isAwaited));
  if (undoing !== undefined) due = Math.min(due, ...instantsOfCall(state, undoing, settings));
  for (const step of state.openPlans)
    due = Math.min(due, planLostAt(openPlanAt(state, step), settings.clockSkewMs));
  for (const request of state.openRequests)
    due = Math.min(due, overdueAt(requestAt(state, request), settings));
  return due === Number.POSITIVE_INFINITY ? undefined : due;
}

/** A run whose decision failed at its deadline, or while it ended, waits only for an operator: another try would fail again. */
function parkedUntil({ parked, origin, ...state }: RunState): number | undefined {
  const isPastIt = parked === null || parked.at >= origin.deadline;
  return isPastIt || state.failed !== null || state.cancelling !== null ? undefined : origin.deadline;
}

/** Whether the last decision was full before it had done everything: it goes on at once. */
function isUnfinished(state: RunState, isAwaited: (waiting: string) => boolean): boolean {
  if (hasOver(state, isAwaited) || hasToTakeBack(state) || childrenToCancel(state).length > 0) return true;
  if (isRunEnding(state)) return false;
  const isWhole = isAnswered(state) && state.closed === workflowIndexOf(state.origin.compiled).all.length;
  return isWhole && !isAwaited(WAITING_END);
}

/** Of a run that ends, or of a turn. */
function hasToTakeBack(state: RunState): boolean {
  if (!isRunEnding(state) && state.scopes.every(({ ending }) => ending === undefined)) return false;
  if (state.openPlans.some((step) => isEndingAt(state, step))) return true;
  return state.openRequests.some(
    (request) =>
      isTakenBack(state, request, ownerAt) &&
      isEndingAt(state, stepOf(state, requestAt(state, request).call)),
  );
}

const overdueAt = ({ at, notAfter, timeoutMs }: RequestState, { clockSkewMs }: Settings): number =>
  'overdue' in at && at.overdue === true ? Number.POSITIVE_INFINITY : notAfter + timeoutMs + clockSkewMs;

function instantsOf(
  state: RunState,
  step: StepIndex,
  settings: Settings,
  isAwaited: (waiting: string) => boolean,
): number[] {
  const { startedAt = state.time } = stepAt(state, step);
  const call = callOf(state, step);
  const instants = call === undefined ? [] : instantsOfCall(state, call, settings);
  if (isEndingAt(state, step)) return instants;
  instants.push(breachDue(state, step) ?? Number.POSITIVE_INFINITY);
  if (!isAwaited(stepIn(state, step).definition.id)) {
    instants.push(...(kindAt(state, step).due?.(state, step, settings) ?? []));
    if (owesValue(state, step)) instants.push(state.time);
  }
  if (hasFallbackEnded(state, step)) instants.push(state.time);
  if (!canExpire(state, step)) return instants;
  instants.push(state.origin.deadline);
  const { totalMs } = stepIn(state, step).definition.timeout;
  if (isParked(state, step)) return instants;
  if (totalMs !== undefined) instants.push(startedAt + totalMs);
  instants.push(boundOf(state, step, state.time));
  return instants;
}

/** When the call, or its verification, is taken up again. */
function instantsOfCall(state: RunState, call: CallIndex, settings: Settings): number[] {
  const acting = actingFor(state, call);
  return goesOn(state, acting) ? nextOf(callAt(state, acting).at, state.time, settings) : [];
}

/** A fallback that serves many steps completes them over several decisions. */
function hasFallbackEnded(state: RunState, step: StepIndex): boolean {
  const { fallback } = stepIn(state, step);
  if (fallback === undefined || isEndingAt(state, step)) return false;
  return stepAt(state, step).at.status === 'fell_back' && isClosed(stepAt(state, fallback));
}

/**
 * Whether the call is taken up again at its time. A next attempt waits for checks that are still open behind it and for a
 * run that is paused; a call in doubt was made once, so they had allowed it.
 */
function goesOn(state: RunState, call: CallIndex): boolean {
  const { at, doubt } = callAt(state, call);
  if (at.phase === 'settling' || at.phase === 'asking') return true;
  if (at.phase !== 'retry' && at.phase !== 'stopped') return false;
  if (doubt !== undefined || ownerAt(state, call).outlastsRun) return true;
  return !isBlocked(state, call) && state.paused === null && !isEndingAt(state, stepOf(state, call));
}

/** Whether a person decides on the step, or on the call that its agent makes. */
function isParked(state: RunState, step: StepIndex): boolean {
  const call = callOf(state, step);
  const isCallParked = call !== undefined && callAt(state, call).at.phase === 'person';
  return isCallParked || stepAt(state, step).at.status === 'parked';
}

/** Whether an expired deadline ends the step: not if its call has happened or may have happened. */
function canExpire(state: RunState, step: StepIndex): boolean {
  const at = callOf(state, step);
  const call = at === undefined ? undefined : callAt(state, at);
  if (stepAt(state, step).at.status === 'fell_back' || call?.doubt !== undefined) return false;
  if (isParked(state, step)) return true;
  if (kindAt(state, step).endsByItself?.(state, step) === true) return false;
  if (call?.at.phase === 'happened') return false;
  return call?.at.phase !== 'requested' || requestAt(state, call.request).at.status !== 'revoked';
}

/** Handles what is due; what does not fit into the decision stays due. */
export function fireTimers(draft: DecisionDraft): undefined {
  recordRunBreach(draft);
  for (const index of draft.state.openRequests) {
    if (draft.isFull) return;
    const request = draft.request(index);
    if (draft.now < overdueAt(request, draft.settings)) continue;
    const { step } = draft.called(request.call);
    draft.emit(CallOverdue({ requestId: requestIdOf(draft.state, request), step }));
  }
  firePlans(draft);
  for (const step of draft.state.active) {
    if (draft.isFull) return;
    // One that was due before may have ended the turn of the next.
    if (draft.state.active.includes(step)) fireStep(draft, step);
  }
  const undoing = draft.state.rollback?.call;
  if (undoing !== undefined && !draft.isFull) goOn(draft, undoing);
  rise(draft);
}

/** Handles what is due for one step. */
function fireStep(draft: DecisionDraft, step: StepIndex): undefined {
  if (!draft.isEndingAt(step)) kindAt(draft.state, step).onTimer?.(draft, step);
  if (!draft.isEndingAt(step) && draft.state.active.includes(step)) recordBreach(draft, step);
  if (hasFallbackEnded(draft.state, step)) return followFallback(draft, step);
  if (expire(draft, step)) return;
  const call = callOf(draft.state, step);
  if (call !== undefined) goOn(draft, call);
}

/** Handles what is due for one call, and for the step that it is made for. */
export function fireCall(draft: DecisionDraft, call: CallIndex): undefined {
  const step = draft.owner(call).step(draft.state, call);
  if (step === undefined) goOn(draft, doubtedBy(draft.state, call));
  else fireStep(draft, step);
}

/** Takes a call up again, or its verification, if it is time. */
function goOn(draft: DecisionDraft, doubted: CallIndex): undefined {
  const call = actingFor(draft.state, doubted);
  const { at, doubt } = draft.call(call);
  if (!goesOn(draft.state, call)) return;
  if (!nextOf(at, draft.state.time, draft.settings).some((due) => due <= draft.now)) return;
  if (doubt !== undefined) return continueRecovery(draft, call);
  const refused = requestAgain(draft, call);
  if (refused !== undefined) draft.owner(call).failed(draft, call, refused);
}

function expire(draft: DecisionDraft, step: StepIndex): boolean {
  const { state } = draft;
  if (draft.isEndingAt(step) || !state.active.includes(step) || !canExpire(state, step)) return false;
  const { at, startedAt = state.time } = draft.step(step);
  const { totalMs } = draft.definition(step).timeout;
  const end = Math.min(startedAt + (totalMs ?? Number.POSITIVE_INFINITY), boundOf(state, step, draft.now));
  const isTimedOut = !isParked(state, step) && draft.now >= end;
  if (!isTimedOut && !draft.isOverdue) return false;
  const failure = isTimedOut ? timedOut(draft, step) : durationExceeded(state);
  const call = callOf(state, step);
  const { onTimeout } = kindAt(state, step);
  if (call !== undefined) expireCall(draft, call, failure);
  else if (at.status === 'running' && onTimeout !== undefined) onTimeout(draft, step, failure);
  else failStep(draft, step, failure);
  return true;
}

function expireCall(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  const { at, request } = draft.call(call);
  if (at.phase === 'requested') revoke(draft, request, 'timeout');
  else draft.owner(call).failed(draft, call, failure);
}
