import {
  type CallOutcome,
  type CallOverdue,
  type CallPlaceAwaited,
  type CallRecorded,
  type CallRequested,
  type CallRevoked,
  CHILD_DIED,
  type DoubtResolved,
  type LateOutcomeRecorded,
  type MessageOf,
  type RecoveryStarted,
} from '@interlock/contracts';
import { microUsd } from '../budget.js';
import {
  dropped,
  findApproval,
  findRequest,
  placeOf,
  putCall,
  putRequest,
  putStep,
  requestAt,
  resetStep,
  startStep,
  without,
} from '../edit.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.index.js';
import type { CallState, RequestState, RunState } from '../state.js';
import { nextIndex, pushItem, setItem } from '../tree.js';
import type { LedgerAt } from './owner.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export function callRequested(
  [state, place]: readonly [RunState, StepIndex],
  data: Data<typeof CallRequested>,
  ledgerAt: LedgerAt,
): RunState {
  const ordinal = nextIndex(state.requests);
  const cost = microUsd(data.reserved.costUsd);
  const callRequest: RequestState = {
    seq: state.seq,
    at: state.time,
    step: place,
    hash: data.callHash,
    generation: data.generation,
    effect: data.effect,
    purpose: data.purpose,
    recovery: data.recovery,
    needs: data.needs,
    notAfter: data.notAfter,
    timeoutMs: data.timeoutMs,
    microUsd: cost,
    ...(data.approvalId === undefined ? {} : { approval: findApproval(state, data.approvalId)! }),
    open: true,
  };
  const reserved = ledgerAt(state, place).reserve(state, cost, data.reserved.toolCalls);
  const requestedCall = {
    ...reserved,
    requests: pushItem(state.requests, callRequest),
    openRequests: [...state.openRequests, ordinal],
  };
  return data.purpose === 'verify'
    ? verificationRequested(requestedCall, place, ordinal, data)
    : stepRequested(requestedCall, place, ordinal, data);
}

function stepRequested(
  state: RunState,
  place: StepIndex,
  ordinal: RequestIndex,
  data: Data<typeof CallRequested>,
): RunState {
  const { call: earlier } = stepAt(state, place);
  const same = earlier?.hash === data.callHash ? without(earlier, 'due', 'stop') : undefined;
  const call: CallState = {
    failures: 0,
    refusals: 0,
    doubts: 0,
    deaths: 0,
    ...same,
    hash: data.callHash,
    generation: data.generation,
    arguments: data.arguments,
    phase: 'requested',
    callRequest: ordinal,
    callRequests: data.attempt,
  };
  return putStep(startStep(state, place, 'running'), place, { call });
}

function verificationRequested(
  state: RunState,
  place: StepIndex,
  callRequest: RequestIndex,
  data: Data<typeof CallRequested>,
): RunState {
  const { verify: earlier } = stepAt(state, place);
  const same = earlier?.hash === data.callHash ? earlier : undefined;
  const verify = { failures: 0, ...same, hash: data.callHash, callRequest, callRequests: data.attempt };
  const { call } = stepAt(state, place);
  return putStep(state, place, { verify, call: { ...without(call!, 'due', 'stop'), phase: 'verifying' } });
}

export function callRevoked(state: RunState, { requestId, because }: Data<typeof CallRevoked>): RunState {
  return putRequest(state, findRequest(state, requestId)!, { revoked: because });
}

export function placeAwaited(state: RunState, data: Data<typeof CallPlaceAwaited>): RunState {
  const ordinal = findRequest(state, data.requestId)!;
  const callRequest = without(requestAt(state, ordinal), 'awaits');
  const awaits = data.for === undefined ? {} : { awaits: data.for };
  return { ...state, requests: setItem(state.requests, ordinal, { ...callRequest, ...awaits }) };
}

export const callOverdue = (state: RunState, { requestId }: Data<typeof CallOverdue>): RunState =>
  putRequest(state, findRequest(state, requestId)!, { overdue: true });

/** Ends a request, and settles what it reserved. */
export function closeRequest(
  state: RunState,
  ordinal: RequestIndex,
  ledgerAt: LedgerAt,
  outcome?: CallOutcome['kind'],
): RunState {
  const callRequest = requestAt(state, ordinal);
  if (!callRequest.open) return state;
  const performed = outcome !== undefined && outcome !== 'refused';
  const settled = ledgerAt(state, callRequest.step).settle(
    state,
    callRequest.step,
    callRequest.microUsd,
    performed,
  );
  const closed = putRequest(
    settled,
    ordinal,
    outcome === undefined ? { open: false } : { open: false, outcome },
  );
  const unjudged =
    performed && callRequest.verdict === undefined ? [...state.unjudged, ordinal] : state.unjudged;
  return { ...closed, openRequests: dropped(state.openRequests, ordinal), unjudged };
}

export function callRecorded(
  state: RunState,
  { requestId, outcome }: Data<typeof CallRecorded>,
  ledgerAt: LedgerAt,
): RunState {
  const ordinal = findRequest(state, requestId)!;
  const callRequest = requestAt(state, ordinal);
  const next = closeRequest(state, ordinal, ledgerAt, outcome.kind);
  const { call } = stepAt(next, callRequest.step);
  if (callRequest.purpose === 'verify' || call?.callRequest !== ordinal || call.phase === 'over') return next;
  if (outcome.kind === 'refused' && callRequest.revoked === 'redacted')
    return resetStep(next, callRequest.step);
  if (call.known !== undefined) return derived(next, callRequest.step, stepAt(next, callRequest.step).output);
  if (outcome.kind === 'succeeded') {
    return happened(
      ledgerAt(next, callRequest.step).happened(next, callRequest, outcome.compensation),
      callRequest.step,
      outcome.output,
    );
  }
  if (callRequest.effect === 'write' && isUnusable(outcome))
    return closeCall(ledgerAt(next, callRequest.step).happened(next, callRequest), callRequest.step);
  const deaths = call.deaths + (hasEndedItsProcess(outcome) ? 1 : 0);
  if (outcome.kind === 'unknown' && callRequest.effect === 'write') {
    const doubt = { callRequest: ordinal, deadline: outcome.deadline };
    return putCall(next, callRequest.step, { phase: 'idle', doubt, doubts: call.doubts + 1, deaths });
  }
  const refusals = call.refusals + (outcome.kind === 'refused' ? 1 : 0);
  return putCall(next, callRequest.step, { phase: 'idle', refusals, deaths });
}

function hasEndedItsProcess(outcome: CallOutcome): boolean {
  if (outcome.kind === 'failed') return outcome.failure.code === CHILD_DIED;
  return outcome.kind === 'unknown' && outcome.code === CHILD_DIED;
}

/** A write that answered what its contract does not allow: it has happened, and its step fails. */
export const isUnusable = (outcome: CallOutcome): boolean =>
  outcome.kind === 'failed' && outcome.failure.class === 'invalid_output';

function closeCall(state: RunState, place: StepIndex): RunState {
  const open = without(stepAt(state, place).call!, 'doubt', 'known', 'due', 'stop');
  return putStep(state, place, { call: { ...open, phase: 'over', result: 'happened' } });
}

/** The call is over: it did happen. */
function happened(before: RunState, place: StepIndex, output: unknown): RunState {
  const state = closeCall(before, place);
  const step = stepAt(state, place);
  const change = { output: output ?? null };
  if (step.status !== 'parked') return putStep(state, place, change);
  return putStep(state, place, { ...change, status: 'running', since: state.time });
}

/** The same, but its output comes from elsewhere than an attempt's record. */
export const derived = (state: RunState, place: StepIndex, output: unknown): RunState =>
  putStep(happened(state, place, output), place, { derived: true });

/** It is known that the attempt in doubt did nothing: the call may be made again at once. */
function settled(state: RunState, place: StepIndex): RunState {
  const { call, status } = stepAt(state, place);
  const next = putStep(state, place, {
    call: { ...without(call!, 'doubt', 'stop'), phase: 'retry', due: state.time },
  });
  return status === 'parked' ? putStep(next, place, { status: 'running', since: state.time }) : next;
}

export function lateRecorded(
  before: RunState,
  data: Data<typeof LateOutcomeRecorded>,
  ledgerAt: LedgerAt,
): RunState {
  const { end } = before;
  if (data.effect === 'agrees') return before;
  if (end !== null)
    return { ...before, end: { ...end, late: [...end.late, { step: data.step, callHash: data.callHash }] } };
  const ordinal = findRequest(before, data.requestId)!;
  const callRequest = requestAt(before, ordinal);
  const compensation = data.outcome.ok ? data.outcome.compensation : undefined;
  const isHappening = data.outcome.ok || data.effect === 'escalates';
  const state = isHappening
    ? ledgerAt(before, callRequest.step).happened(before, callRequest, compensation)
    : before;
  if (data.effect === 'escalates') return putRequest(state, ordinal, { late: true });
  const { step: place } = callRequest;
  if (!data.outcome.ok) return settled(state, place);
  const { output } = data.outcome;
  const { call } = stepAt(state, place);
  const open = requestAt(state, call!.callRequest).open;
  if (open) {
    const known: CallState = { ...without(call!, 'doubt'), known: { output: output ?? null } };
    return putStep(state, place, { call: known, output: output ?? null, derived: true });
  }
  return derived(state, place, output);
}

const PHASES = { 'idempotency-key': 'retry', verify: 'settling', 'ask-human': 'asking' } as const;

export function recoveryStarted(state: RunState, data: Data<typeof RecoveryStarted>): RunState {
  const phase = PHASES[data.by];
  return putCall(state, placeOf(state, data.step), { phase, due: data.notBefore });
}

export function doubtResolved(
  state: RunState,
  data: Data<typeof DoubtResolved>,
  ledgerAt: LedgerAt,
): RunState {
  const place = placeOf(state, data.step);
  if (!data.happened) return settled(state, place);
  // Otherwise the event beside it has said so.
  if (data.by !== 'verify' && data.by !== 'person') return state;
  const callRequest = requestAt(state, stepAt(state, place).call!.callRequest);
  return derived(ledgerAt(state, place).happened(state, callRequest, data.compensation), place, data.output);
}
