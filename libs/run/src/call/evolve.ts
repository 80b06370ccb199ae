import { type CallOutcome, CHILD_DIED, isHeldUntilExpired } from '@interlock/contracts';
import { countCalls, microUsd } from '../budget.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { CallIndex, RequestIndex } from '../indices.js';
import { dropped, without } from '../lists.js';
import { addressed, calledAt, doubtedBy, standing } from '../scope/called.js';
import type { RunState } from '../state.js';
import { nextIndex, pushItem } from '../tree.js';
import { callAt, forgetOutput, happenedOf, isOver, putCall, retryingSince, setCall } from './calls.js';
import { released, waitsAs } from './held.js';
import type { LedgerAt } from './owner.js';
import { isOpen, putRequest, requestAt, requestOf, revocationOf } from './requests.js';
import type { CallPhase, CallState, For, Happened, Owner } from './state.js';

function callRequested(
  state: RunState,
  { owner, call: known, approval }: For,
  data: DataOf<'call.requested'>,
  ledgerAt: LedgerAt,
): RunState {
  const request = nextIndex(state.requests);
  const cost = microUsd(data.reserved.costUsd);
  const earlier = known === undefined ? undefined : callAt(state, known);
  const isAgain = earlier?.hash === data.callHash;
  const call = known !== undefined && isAgain ? known : nextIndex(state.calls);
  const made: CallState = {
    ...(earlier !== undefined && isAgain ? earlier : newCall(owner, data)),
    request,
    requests: data.attempt,
    since: state.time,
    at: { phase: 'requested' },
  };
  const calls = isAgain ? putCall(state, call, made).calls : pushItem(state.calls, made);
  const requests = pushItem(state.requests, {
    ...requestFrom(state, data),
    call,
    microUsd: cost,
    ...(data.reserved.toolCalls > 0 ? { counted: true as const } : {}),
    ...(approval === undefined ? {} : { approval }),
  });
  const counted = data.reserved.toolCalls > 0 ? countCalls(state, { [data.tool]: 1 }) : state;
  const requested = { ...counted, calls, requests, openRequests: [...state.openRequests, request] };
  const ledger = ledgerAt(requested, call);
  return ledger.requested(ledger.reserve(requested, call, cost, data.reserved.toolCalls), call);
}

const newCall = (owner: Owner, data: DataOf<'call.requested'>) => ({
  owner,
  hash: data.callHash,
  occurrence: data.occurrence,
  generation: data.generation,
  arguments: data.arguments,
  failures: 0,
  refusals: 0,
  doubts: 0,
  deaths: 0,
});

const requestFrom = (
  state: RunState,
  { recovery, needs, notAfter, timeoutMs }: DataOf<'call.requested'>,
) => ({
  seq: state.seq,
  requestedAt: state.time,
  recovery,
  needs,
  notAfter,
  timeoutMs,
  at: { status: 'open' } as const,
});

function callRevoked(state: RunState, { requestId, because }: DataOf<'call.revoked'>): RunState {
  const request = requestOf(state, requestId);
  const { at } = requestAt(state, request);
  if (at.status !== 'open') return state;
  return putRequest(state, request, { at: { ...at, status: 'revoked', because } });
}

function placeAwaited(state: RunState, data: DataOf<'call.place_awaited'>): RunState {
  const request = requestOf(state, data.requestId);
  const { at } = requestAt(state, request);
  if (at.status === 'answered' || at.status === 'closed') return state;
  const waits = waitsAs(state, at, data);
  const before = waits.heldSince === undefined ? released(state, request) : state;
  return putRequest(before, request, {
    at:
      at.status === 'open'
        ? { status: 'open', ...waits }
        : { status: 'revoked', because: at.because, ...waits },
  });
}

function callOverdue(state: RunState, { requestId }: DataOf<'call.overdue'>): RunState {
  const request = requestOf(state, requestId);
  const { at } = requestAt(state, request);
  if (at.status === 'answered' || at.status === 'closed') return state;
  return putRequest(state, request, { at: { ...at, overdue: true } });
}

/** Ends a request, and settles what it reserved. Without an outcome nobody answers it. */
export function closeRequest(
  state: RunState,
  request: RequestIndex,
  ledgerAt: LedgerAt,
  outcome?: CallOutcome['kind'],
): RunState {
  const before = requestAt(state, request);
  if (!isOpen(before)) return state;
  const isPerformed = outcome !== undefined && outcome !== 'refused';
  const isUncounted = before.counted === true && !isPerformed;
  const open = isUncounted ? countCalls(state, { [calledAt(state, before.call).tool]: -1 }) : state;
  const free = released(open, request);
  const settled = ledgerAt(free, before.call).settle(free, before.call, before.microUsd, isPerformed);
  const because = revocationOf(before);
  const revoked = because === undefined ? {} : { revoked: because };
  const closed = putRequest(settled, request, {
    at:
      outcome === undefined ? { status: 'closed', ...revoked } : { status: 'answered', outcome, ...revoked },
  });
  const isUnjudged = isPerformed && before.verdict === undefined;
  const unjudged = isUnjudged ? [...state.unjudged, request] : state.unjudged;
  return { ...closed, openRequests: dropped(state.openRequests, request), unjudged };
}

function callRecorded(
  state: RunState,
  { requestId, outcome, check: asked }: DataOf<'call.recorded'>,
  ledgerAt: LedgerAt,
): RunState {
  const request = requestOf(state, requestId);
  const { call: at } = requestAt(state, request);
  const next = closeRequest(state, request, ledgerAt, outcome.kind);
  const call = callAt(next, at);
  if (call.request !== request || isOver(call)) return next;
  if (outcome.kind === 'refused' && revocationOf(requestAt(next, request)) === 'redacted')
    return drop(next, at, ledgerAt);
  const known = happenedOf(call);
  if (known !== undefined) return clearedUp(next, at, known, ledgerAt);
  const { effect } = calledAt(next, at);
  if (outcome.kind === 'succeeded') {
    const next_ = ledgerAt(next, at).happened(next, at, outcome.compensation);
    const check = asked === undefined ? {} : checkAt(state);
    const output = outcome.output ?? null;
    const done = clearedUp(next_, at, { phase: 'happened', output, ...check }, ledgerAt);
    return doubtedBy(done, at) === at ? done : forgetOutput(done, at);
  }
  if (effect === 'write' && isUnusable(outcome))
    return cleared(ledgerAt(next, at).happened(next, at), at, { phase: 'happened' });
  const deaths = call.deaths + (hasEndedItsProcess(outcome) ? 1 : 0);
  if (outcome.kind === 'unknown' && effect === 'write') {
    const doubt = { request, deadline: outcome.deadline };
    return putCall(next, at, { at: { phase: 'idle' }, doubt, doubts: call.doubts + 1, deaths });
  }
  const isRefused = outcome.kind === 'refused' && !isHeldUntilExpired(outcome.code);
  const refusals = call.refusals + (isRefused ? 1 : 0);
  return putCall(next, at, { at: { phase: 'idle' }, refusals, deaths });
}

function hasEndedItsProcess(outcome: CallOutcome): boolean {
  if (outcome.kind === 'failed') return outcome.failure.code === CHILD_DIED;
  return outcome.kind === 'unknown' && outcome.code === CHILD_DIED;
}

/** A write whose answer breaks its contract: it has happened, and its step fails. */
export const isUnusable = (outcome: CallOutcome): boolean =>
  outcome.kind === 'failed' && outcome.failure.class === 'invalid_output';

/** No doubt is left. */
const cleared = (state: RunState, call: CallIndex, at: CallPhase): RunState =>
  setCall(state, call, { ...without(callAt(state, call), 'doubt'), at });

/** The same, and a person no longer has to decide on it. */
export function clearedUp(state: RunState, call: CallIndex, at: CallPhase, ledgerAt: LedgerAt): RunState {
  const wasParked = callAt(state, call).at.phase === 'person';
  const next = cleared(state, call, at);
  return wasParked ? ledgerAt(next, call).unparked(putCall(next, call, { since: next.time }), call) : next;
}

/** The call is dropped: what it was made from has changed. */
export const drop = (state: RunState, call: CallIndex, ledgerAt: LedgerAt): RunState =>
  ledgerAt(state, call).dropped(cleared(state, call, { phase: 'dropped' }), call);

/** The event that is folded asks policy about the output it records. */
const checkAt = ({ seq }: RunState): Pick<Happened, 'check'> => ({ check: { seq, isAllowed: false } });

/** It happened, and `output` comes from elsewhere than an attempt's record. */
const derived = (output: unknown): Happened => ({ phase: 'happened', output: output ?? null, derived: true });

/** The attempt in doubt is known to have done nothing: the call may be made again at once. */
const didNothing = (state: RunState, call: CallIndex, ledgerAt: LedgerAt): RunState =>
  clearedUp(state, call, { phase: 'retry', due: state.time }, ledgerAt);

function lateRecorded(before: RunState, data: DataOf<'call.late_recorded'>, ledgerAt: LedgerAt): RunState {
  const { end } = before;
  if (data.effect === 'agrees') return before;
  if (end !== null)
    return { ...before, end: { ...end, late: [...end.late, { step: data.step, callHash: data.callHash }] } };
  const request = requestOf(before, data.requestId);
  const { call: made } = requestAt(before, request);
  const call = standing(before, made) ?? made;
  const compensation = data.outcome.ok ? data.outcome.compensation : undefined;
  const isHappening = data.outcome.ok || data.effect === 'escalates';
  const state = isHappening ? ledgerAt(before, call).happened(before, call, compensation) : before;
  if (data.effect === 'escalates') return putRequest(state, request, { late: true });
  if (!data.outcome.ok) return didNothing(state, call, ledgerAt);
  const known = { ...derived(data.outcome.output), ...(data.check === undefined ? {} : checkAt(state)) };
  const { at } = callAt(state, call);
  return at.phase === 'requested'
    ? cleared(state, call, { phase: 'requested', known })
    : clearedUp(state, call, known, ledgerAt);
}

function recoveryStarted(state: RunState, data: DataOf<'call.recovery_started'>): RunState {
  const { call } = addressed(state, data.step);
  if (call === undefined) return state;
  return putCall(state, call, { at: recoveryPhase(data), retrying: retryingSince(state, call) });
}

function recoveryPhase({ by, notBefore: due }: DataOf<'call.recovery_started'>): CallPhase {
  switch (by) {
    case 'idempotency-key':
      return { phase: 'retry', due };
    case 'verify':
      return { phase: 'settling', due };
    case 'ask-human':
      return { phase: 'asking', due };
  }
}

function doubtResolved(state: RunState, data: DataOf<'call.doubt_resolved'>, ledgerAt: LedgerAt): RunState {
  const { call } = addressed(state, data.step);
  if (call === undefined) return state;
  if (!data.happened) return didNothing(state, call, ledgerAt);
  // Otherwise the event beside it has said so.
  if (data.by !== 'verify') return state;
  const next_ = ledgerAt(state, call).happened(state, call, data.compensation);
  return clearedUp(next_, call, { ...derived(data.output), ...checkOnAnswer(state, call) }, ledgerAt);
}

/** The check that the answer of its verify tool has asked for is about the call in doubt. */
function checkOnAnswer(state: RunState, call: CallIndex): Pick<Happened, 'check'> {
  const { at } = callAt(state, call);
  const check = at.phase === 'verifying' ? happenedOf(callAt(state, at.verification))?.check : undefined;
  return check === undefined ? {} : { check };
}

export const callEvents: EvolveBy<
  | 'call.requested'
  | 'call.revoked'
  | 'call.recorded'
  | 'call.place_awaited'
  | 'call.overdue'
  | 'call.late_recorded'
  | 'call.recovery_started'
  | 'call.doubt_resolved'
> = {
  'call.requested': (state, data, { forOf, ledgerAt }) =>
    callRequested(state, forOf(state, data), data, ledgerAt),
  'call.revoked': callRevoked,
  'call.recorded': (state, data, { ledgerAt }) => callRecorded(state, data, ledgerAt),
  'call.place_awaited': placeAwaited,
  'call.overdue': callOverdue,
  'call.late_recorded': (state, data, { ledgerAt }) => lateRecorded(state, data, ledgerAt),
  'call.recovery_started': recoveryStarted,
  'call.doubt_resolved': (state, data, { ledgerAt }) => doubtResolved(state, data, ledgerAt),
};
