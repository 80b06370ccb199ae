import {
  type CallOutcome,
  CallPlaceAwaited,
  CHILD_DIED,
  DoubtResolved,
  type Failure,
  isHeldUntilExpired,
  StepParked,
  StepRetryScheduled,
  StepStopped,
  type StopNote,
  type ToolEvent,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { happenedOf, isOver } from './calls.js';
import { completeWhenAllowed } from './complete.js';
import { callDeadline, callTimedOut } from './deadline.js';
import { onLate } from './late.js';
import type { Attempt } from './owner.js';
import { retryNumbers } from './patience.js';
import { performed, recordOutcome } from './performed.js';
import { repetitionFailed, startRecovery } from './recovery.js';
import { findRequest, isOpen, revocationOf } from './requests.js';
import { DEATHS_MAX, dueWithin, endsItsProcess, REFUSALS_MAX, retryOf } from './retry.js';

/** An answer of the executor. After the end of the run only late outcomes count. */
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
      return onPlaceAwaited(draft, data);
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
  const request = findRequest(draft.state, requestId);
  if (request === undefined) return;
  const asked = draft.request(request);
  if (!isOpen(asked)) return;
  const before = draft.call(asked.call);
  const owner = draft.owner(asked.call);
  const isAwaited = before.request === request && !isOver(before);
  const asks = isAwaited && happenedOf(before) === undefined && owner.gives(draft, asked.call, outcome);
  const took = tookMs === undefined ? {} : { tookMs };
  const eventId = recordOutcome(draft, asked.call, { requestId, outcome, ...took }, asks);
  if (isAwaited) owner.attempted(draft, asked.call, { request, outcome, before, eventId });
}

/** Whether the outcome of an attempt to do what is to be done brings an output. */
export const isSuccess = (_draft: DecisionDraft, _call: CallIndex, { kind }: CallOutcome): boolean =>
  kind === 'succeeded';

/** What follows from the outcome of an attempt of the call itself. */
export function attempted(
  draft: DecisionDraft,
  call: CallIndex,
  { outcome, before, eventId }: Attempt,
): undefined {
  const after = draft.call(call);
  // Revoked because its arguments held redacted values.
  if (after.at.phase === 'dropped') return;
  // Its check was asked for when the late success came.
  if (happenedOf(before) !== undefined) return completeWhenAllowed(draft, call);
  if (after.at.phase === 'happened') {
    if (before.doubt !== undefined) {
      const { step } = draft.called(call);
      draft.emit(DoubtResolved({ step, callHash: before.hash, happened: true, by: 'repeat' }));
    }
    if (outcome.kind === 'failed') return draft.owner(call).failed(draft, call, outcome.failure);
    return performed(draft, call);
  }
  if (after.doubt !== undefined && outcome.kind === 'unknown') return startRecovery(draft, call, eventId);
  if (outcome.kind === 'refused') return refused(draft, call, outcome, eventId);
  attemptFailed(draft, call, failureOf(outcome), eventId);
}

const failureOf = (outcome: CallOutcome): Failure =>
  outcome.kind === 'failed'
    ? outcome.failure
    : {
        class: 'timeout',
        code: 'outcome_unknown',
        message: 'because' in outcome ? outcome.because : outcome.kind,
      };

/** Recorded only for an open request. */
function onPlaceAwaited(
  draft: DecisionDraft,
  { requestId, for: awaited, kind }: Extract<ToolEvent, { type: 'tool.place_awaited' }>['data'],
): undefined {
  const request = findRequest(draft.state, requestId);
  if (request === undefined) return;
  const { at, call } = draft.request(request);
  if ((at.status !== 'open' && at.status !== 'revoked') || at.awaits === awaited) return;
  const { step } = draft.called(call);
  draft.emit(CallPlaceAwaited({ requestId, step, kind, ...(awaited !== undefined && { for: awaited }) }));
}

/** After a failed attempt: the call is made again if its class and the step's budget of attempts and time allow it. */
export function attemptFailed(
  draft: DecisionDraft,
  call: CallIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const { doubt, failures, requests: calls, request, deaths, retrying } = draft.call(call);
  const owner = draft.owner(call);
  if (doubt !== undefined) return repetitionFailed(draft, call, failure, eventId);
  if (revocationOf(draft.request(request)) === 'timeout')
    return owner.failed(draft, call, callTimedOut(draft, call));
  if (failure.code === CHILD_DIED && deaths >= DEATHS_MAX) return parkDying(draft, call);
  const how = { effect: draft.called(call).effect, retry: retryNumbers(draft, call) };
  const retry = retryOf(how, failure, { failures, calls, retrying }, eventId, draft.now);
  if (retry === undefined || draft.isStopped(call)) return owner.failed(draft, call, failure);
  const due = dueWithin(draft.now, callDeadline(draft, call), retry);
  scheduleRetry(draft, call, failure, due, retry.counts);
}

/** If the step has a fallback nobody is asked, and the failure gives the reason. */
function parkDying(draft: DecisionDraft, call: CallIndex): undefined {
  const failure = endsItsProcess(draft.call(call).deaths);
  const owner = draft.owner(call);
  if (draft.isStopped(call) || !owner.asksPeople(draft, call)) return owner.failed(draft, call, failure);
  draft.emit(StepParked({ step: draft.called(call).step, because: 'escalated', failure }));
}

function scheduleRetry(
  draft: DecisionDraft,
  call: CallIndex,
  failure: Failure,
  due: number,
  counts: boolean,
): undefined {
  if (due >= callDeadline(draft, call)) return draft.owner(call).failed(draft, call, failure);
  const { requests: attempt } = draft.call(call);
  draft.emit(StepRetryScheduled({ step: draft.called(call).step, failure, attempt, due, counts }));
}

/** What waits for a stop goes on when it is lifted, however long that takes, unless its own time is up. */
export function stopCall(draft: DecisionDraft, call: CallIndex, stop: StopNote): undefined {
  draft.emit(StepStopped({ step: draft.called(call).step, stop }));
}

type Refused = Extract<CallOutcome, { kind: 'refused' }>;

/** Pause before a call that was never made is requested again. */
const REFUSED_WAIT_MS = 200;

function refused(
  draft: DecisionDraft,
  call: CallIndex,
  { code, message, unsafe, stop }: Refused,
  eventId: string,
): undefined {
  const { doubt, request, refusals } = draft.call(call);
  const owner = draft.owner(call);
  const failure: Failure = { class: classOf(code, unsafe), code: `refused.${code}`, message };
  if (doubt !== undefined) {
    if (stop !== undefined) return stopCall(draft, call, stop);
    if (isHeldUntilExpired(code)) return askAnew(draft, call, failure);
    return repetitionFailed(draft, call, failure, eventId);
  }
  if (revocationOf(draft.request(request)) === 'timeout')
    return owner.failed(draft, call, callTimedOut(draft, call));
  if (draft.isStopped(call)) return;
  if (stop !== undefined) return stopCall(draft, call, stop);
  if (isHeldUntilExpired(code)) return askAnew(draft, call, failure);
  if (failure.class !== 'transient' || refusals >= REFUSALS_MAX) return owner.failed(draft, call, failure);
  scheduleRetry(draft, call, failure, draft.now + REFUSED_WAIT_MS * 2 ** (refusals - 1), false);
}

/** Its target is away, or its tool, and its request was good no longer: the next one waits on, and neither counts as an attempt. */
export function askAnew(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  if (draft.call(call).doubt === undefined && draft.now >= callDeadline(draft, call))
    return draft.owner(call).failed(draft, call, failure);
  const { requests: attempt } = draft.call(call);
  const { step } = draft.called(call);
  draft.emit(StepRetryScheduled({ step, failure, attempt, due: draft.now, counts: false }));
}

function classOf(code: string, unsafe: boolean): Failure['class'] {
  if (code === 'invalid_input') return 'invalid_input';
  return unsafe || code === 'unknown_tool' || code === 'not_decided' ? 'internal' : 'transient';
}
