import {
  type CallOutcome,
  CallPlaceAwaited,
  CallRecorded,
  CHILD_DIED,
  DoubtResolved,
  type Failure,
  StepParked,
  StepRetryScheduled,
  StepStopped,
  type StopNote,
  type ToolEvent,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import { findRequest, requestAt } from '../edit.js';
import type { StepIndex } from '../indices.js';
import { completeWhenAllowed } from './complete.js';
import { deadlineOf, timedOut } from './deadline.js';
import { onLate } from './late.js';
import { performed } from './performed.js';
import { repetitionFailed, startRecovery, verified } from './recovery.js';
import { DEATHS_MAX, endsItsProcess, REFUSALS_MAX, retryOf } from './retry.js';

/** What the executor says of a call. After the end of the run only what comes late is heard. */
export function onToolEvent(draft: DecisionDraft, { type, data }: ToolEvent): undefined {
  if (type === 'tool.outcome_late') return onLate(draft, data);
  if (type === 'tool.attempt_started' || draft.state.end !== null) return;
  switch (type) {
    case 'tool.succeeded': {
      const { compensation } = data;
      const undo = compensation === undefined ? {} : { compensation };
      const outcome = { kind: 'succeeded', output: data.output ?? null, ...undo } as const;
      return onOutcome(draft, data.requestId, outcome, data.tookMs);
    }
    case 'tool.failed':
      return onOutcome(draft, data.requestId, { kind: 'failed', failure: data.failure }, data.tookMs);
    case 'tool.outcome_unknown': {
      const { deadline, because, code } = data;
      const outcome = { kind: 'unknown', deadline, because, ...(code !== undefined && { code }) } as const;
      return onOutcome(draft, data.requestId, outcome);
    }
    case 'tool.place_awaited':
      return onPlaceAwaited(draft, data.requestId, data.for);
    case 'tool.refused': {
      const { code, message, unsafe, stop } = data;
      const stopped = stop === undefined ? {} : { stop };
      return onOutcome(draft, data.requestId, { kind: 'refused', code, message, unsafe, ...stopped });
    }
  }
}

/** Records what the executor answers to an open request, and what follows. Any other answer says nothing new. */
export function onOutcome(
  draft: DecisionDraft,
  requestId: string,
  outcome: CallOutcome,
  tookMs?: number,
): undefined {
  const ordinal = findRequest(draft.state, requestId);
  if (ordinal === undefined) return;
  const callRequest = requestAt(draft.state, ordinal);
  if (!callRequest.open) return;
  const step = draft.definition(callRequest.step).id;
  const before = draft.step(callRequest.step).call;
  const took = tookMs === undefined ? {} : { tookMs };
  const id = draft.emit(CallRecorded({ requestId, step, callHash: callRequest.hash, outcome, ...took }));
  if (callRequest.purpose === 'verify') return verified(draft, ordinal, outcome, id);
  if (before?.callRequest !== ordinal || before.phase === 'over') return;
  const { call } = draft.step(callRequest.step);
  // Taken back because its arguments held what must not travel.
  if (call === undefined) return;
  // Its check was asked for when the late success came.
  if (before.known !== undefined) return completeWhenAllowed(draft, callRequest.step);
  if (call.result === 'happened') {
    if (before.doubt !== undefined) {
      draft.emit(DoubtResolved({ step, callHash: callRequest.hash, happened: true, by: 'repeat' }));
    }
    if (outcome.kind === 'failed')
      return draft.owner(callRequest.step).failed(draft, callRequest.step, outcome.failure);
    return performed(draft, callRequest.step, ordinal);
  }
  if (call.doubt !== undefined && outcome.kind === 'unknown')
    return startRecovery(draft, callRequest.step, id);
  if (outcome.kind === 'refused') return refused(draft, callRequest.step, outcome, id);
  attemptFailed(draft, callRequest.step, failureOf(outcome), id);
}

const failureOf = (outcome: CallOutcome): Failure =>
  outcome.kind === 'failed'
    ? outcome.failure
    : {
        class: 'timeout',
        code: 'outcome_unknown',
        message: 'because' in outcome ? outcome.because : outcome.kind,
      };

/** Said only while it is true: of an open request. */
function onPlaceAwaited(draft: DecisionDraft, requestId: string, awaited: string | undefined): undefined {
  const ordinal = findRequest(draft.state, requestId);
  if (ordinal === undefined) return;
  const callRequest = requestAt(draft.state, ordinal);
  if (!callRequest.open || callRequest.awaits === awaited) return;
  const { id: step } = draft.definition(callRequest.step);
  draft.emit(CallPlaceAwaited({ requestId, step, ...(awaited !== undefined && { for: awaited }) }));
}

/** A failed attempt: made again where its class and the step's budget of attempts and time say so. */
export function attemptFailed(
  draft: DecisionDraft,
  place: StepIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const { call } = draft.step(place);
  if (call?.doubt !== undefined) return repetitionFailed(draft, place, failure, eventId);
  if (call !== undefined && requestAt(draft.state, call.callRequest).revoked === 'timeout') {
    return draft.owner(place).failed(draft, place, timedOut(draft, place));
  }
  const made = { failures: call?.failures ?? 0, calls: call?.callRequests ?? 1 };
  if (failure.code === CHILD_DIED && call !== undefined && call.deaths >= DEATHS_MAX)
    return parkDying(draft, place, call.deaths);
  const retry = retryOf(draft.definition(place), failure, made, eventId);
  if (retry === undefined || draft.isStopped(place)) return draft.owner(place).failed(draft, place, failure);
  scheduleRetry(draft, place, failure, draft.now + retry.delayMs, retry.counts);
}

/** If the step has another way out nobody is asked, and the failure carries the reason. */
function parkDying(draft: DecisionDraft, place: StepIndex, deaths: number): undefined {
  const failure = endsItsProcess(deaths);
  const owner = draft.owner(place);
  if (draft.isStopped(place) || !owner.asksPeople(draft, place)) return owner.failed(draft, place, failure);
  draft.emit(StepParked({ step: draft.definition(place).id, because: 'escalated', failure }));
}

function scheduleRetry(
  draft: DecisionDraft,
  place: StepIndex,
  failure: Failure,
  due: number,
  counts: boolean,
): undefined {
  if (due >= deadlineOf(draft, place)) return draft.owner(place).failed(draft, place, failure);
  const step = draft.definition(place).id;
  const attempt = draft.step(place).call?.callRequests ?? 1;
  draft.emit(StepRetryScheduled({ step, failure, attempt, due, counts }));
}

/** Whatever waits for a stop to be lifted goes on then, however long that takes; only its own time ends it. */
function stopStep(draft: DecisionDraft, place: StepIndex, stop: StopNote): undefined {
  draft.emit(StepStopped({ step: draft.definition(place).id, stop }));
}

type Refused = Extract<CallOutcome, { kind: 'refused' }>;

/** Pause before a call that was never made is requested again. */
const REFUSED_WAIT_MS = 200;

function refused(
  draft: DecisionDraft,
  place: StepIndex,
  { code, message, unsafe, stop }: Refused,
  eventId: string,
): undefined {
  const { call } = draft.step(place);
  const failure: Failure = { class: classOf(code, unsafe), code: `refused.${code}`, message };
  if (call!.doubt !== undefined) {
    if (stop !== undefined) return stopStep(draft, place, stop);
    return repetitionFailed(draft, place, failure, eventId);
  }
  const { revoked } = requestAt(draft.state, call!.callRequest);
  if (revoked === 'timeout') return draft.owner(place).failed(draft, place, timedOut(draft, place));
  if (draft.isStopped(place)) return;
  if (stop !== undefined) return stopStep(draft, place, stop);
  if (failure.class !== 'transient' || call!.refusals >= REFUSALS_MAX)
    return draft.owner(place).failed(draft, place, failure);
  scheduleRetry(draft, place, failure, draft.now + REFUSED_WAIT_MS * 2 ** (call!.refusals - 1), false);
}

function classOf(code: string, unsafe: boolean): Failure['class'] {
  if (code === 'invalid_input') return 'invalid_input';
  return unsafe || code === 'unknown_tool' || code === 'not_decided' ? 'internal' : 'transient';
}
