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
import { findRequest, requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { completeWhenAllowed } from './complete.js';
import { deadlineOf, timedOut } from './deadline.js';
import { takeLate } from './late.js';
import { performed } from './performed.js';
import { repetitionFailed, startRecovery, verified } from './recovery.js';
import { DEATHS_MAX, endsItsProcess, REFUSALS_MAX, retryOf } from './retry.js';

/** What the executor says of a call. After the end of the run only what comes late is heard. */
export function takeToolEvent(emitter: Emitter, { type, data }: ToolEvent): undefined {
  if (type === 'tool.outcome_late') return takeLate(emitter, data);
  if (type === 'tool.attempt_started' || emitter.state.end !== null) return;
  switch (type) {
    case 'tool.succeeded': {
      const { compensation } = data;
      const undo = compensation === undefined ? {} : { compensation };
      const outcome = { kind: 'succeeded', output: data.output ?? null, ...undo } as const;
      return takeOutcome(emitter, data.requestId, outcome, data.tookMs);
    }
    case 'tool.failed':
      return takeOutcome(emitter, data.requestId, { kind: 'failed', failure: data.failure }, data.tookMs);
    case 'tool.outcome_unknown': {
      const { deadline, because, code } = data;
      const outcome = { kind: 'unknown', deadline, because, ...(code !== undefined && { code }) } as const;
      return takeOutcome(emitter, data.requestId, outcome);
    }
    case 'tool.place_awaited':
      return takePlaceAwaited(emitter, data.requestId, data.for);
    case 'tool.refused': {
      const { code, message, unsafe, stop } = data;
      const stopped = stop === undefined ? {} : { stop };
      return takeOutcome(emitter, data.requestId, { kind: 'refused', code, message, unsafe, ...stopped });
    }
  }
}

/** Records what the executor answers to an open request, and what follows. Any other answer says nothing new. */
export function takeOutcome(
  emitter: Emitter,
  requestId: string,
  outcome: CallOutcome,
  tookMs?: number,
): undefined {
  const ordinal = findRequest(emitter.state, requestId);
  if (ordinal === undefined) return;
  const callRequest = requestAt(emitter.state, ordinal);
  if (!callRequest.open) return;
  const step = emitter.definition(callRequest.step).id;
  const before = emitter.step(callRequest.step).call;
  const took = tookMs === undefined ? {} : { tookMs };
  const id = emitter.emit(CallRecorded({ requestId, step, callHash: callRequest.hash, outcome, ...took }));
  if (callRequest.purpose === 'verify') return verified(emitter, ordinal, outcome, id);
  if (before?.callRequest !== ordinal || before.phase === 'over') return;
  const { call } = emitter.step(callRequest.step);
  // Taken back because its arguments held what must not travel.
  if (call === undefined) return;
  // Its check was asked for when the late success came.
  if (before.known !== undefined) return completeWhenAllowed(emitter, callRequest.step);
  if (call.result === 'happened') {
    if (before.doubt !== undefined) {
      emitter.emit(DoubtResolved({ step, callHash: callRequest.hash, happened: true, by: 'repeat' }));
    }
    if (outcome.kind === 'failed')
      return emitter.owner(callRequest.step).failed(emitter, callRequest.step, outcome.failure);
    return performed(emitter, callRequest.step, ordinal);
  }
  if (call.doubt !== undefined && outcome.kind === 'unknown')
    return startRecovery(emitter, callRequest.step, id);
  if (outcome.kind === 'refused') return refused(emitter, callRequest.step, outcome, id);
  attemptFailed(emitter, callRequest.step, failureOf(outcome), id);
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
function takePlaceAwaited(emitter: Emitter, requestId: string, awaited: string | undefined): undefined {
  const ordinal = findRequest(emitter.state, requestId);
  if (ordinal === undefined) return;
  const callRequest = requestAt(emitter.state, ordinal);
  if (!callRequest.open || callRequest.awaits === awaited) return;
  const { id: step } = emitter.definition(callRequest.step);
  emitter.emit(CallPlaceAwaited({ requestId, step, ...(awaited !== undefined && { for: awaited }) }));
}

/** A failed attempt: made again where its class and the step's budget of attempts and time say so. */
export function attemptFailed(
  emitter: Emitter,
  place: StepIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const { call } = emitter.step(place);
  if (call?.doubt !== undefined) return repetitionFailed(emitter, place, failure, eventId);
  if (call !== undefined && requestAt(emitter.state, call.callRequest).revoked === 'timeout') {
    return emitter.owner(place).failed(emitter, place, timedOut(emitter, place));
  }
  const made = { failures: call?.failures ?? 0, calls: call?.callRequests ?? 1 };
  if (failure.code === CHILD_DIED && call !== undefined && call.deaths >= DEATHS_MAX)
    return parkDying(emitter, place, call.deaths);
  const retry = retryOf(emitter.definition(place), failure, made, eventId);
  if (retry === undefined || emitter.isStopped(place))
    return emitter.owner(place).failed(emitter, place, failure);
  scheduleRetry(emitter, place, failure, emitter.now + retry.delayMs, retry.counts);
}

/** If the step has another way out nobody is asked, and the failure carries the reason. */
function parkDying(emitter: Emitter, place: StepIndex, deaths: number): undefined {
  const failure = endsItsProcess(deaths);
  const owner = emitter.owner(place);
  if (emitter.isStopped(place) || !owner.asksPeople(emitter, place))
    return owner.failed(emitter, place, failure);
  emitter.emit(StepParked({ step: emitter.definition(place).id, because: 'escalated', failure }));
}

function scheduleRetry(
  emitter: Emitter,
  place: StepIndex,
  failure: Failure,
  due: number,
  counts: boolean,
): undefined {
  if (due >= deadlineOf(emitter, place)) return emitter.owner(place).failed(emitter, place, failure);
  const step = emitter.definition(place).id;
  const attempt = emitter.step(place).call?.callRequests ?? 1;
  emitter.emit(StepRetryScheduled({ step, failure, attempt, due, counts }));
}

/** Whatever waits for a stop to be lifted goes on then, however long that takes; only its own time ends it. */
function stopStep(emitter: Emitter, place: StepIndex, stop: StopNote): undefined {
  emitter.emit(StepStopped({ step: emitter.definition(place).id, stop }));
}

type Refused = Extract<CallOutcome, { kind: 'refused' }>;

/** Pause before a call that was never made is requested again. */
const REFUSED_WAIT_MS = 200;

function refused(
  emitter: Emitter,
  place: StepIndex,
  { code, message, unsafe, stop }: Refused,
  eventId: string,
): undefined {
  const { call } = emitter.step(place);
  const failure: Failure = { class: classOf(code, unsafe), code: `refused.${code}`, message };
  if (call!.doubt !== undefined) {
    if (stop !== undefined) return stopStep(emitter, place, stop);
    return repetitionFailed(emitter, place, failure, eventId);
  }
  const { revoked } = requestAt(emitter.state, call!.callRequest);
  if (revoked === 'timeout') return emitter.owner(place).failed(emitter, place, timedOut(emitter, place));
  if (emitter.isStopped(place)) return;
  if (stop !== undefined) return stopStep(emitter, place, stop);
  if (failure.class !== 'transient' || call!.refusals >= REFUSALS_MAX)
    return emitter.owner(place).failed(emitter, place, failure);
  scheduleRetry(emitter, place, failure, emitter.now + REFUSED_WAIT_MS * 2 ** (call!.refusals - 1), false);
}

function classOf(code: string, unsafe: boolean): Failure['class'] {
  if (code === 'invalid_input') return 'invalid_input';
  return unsafe || code === 'unknown_tool' || code === 'not_decided' ? 'internal' : 'transient';
}
