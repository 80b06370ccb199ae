import type { CheckRequested, MessageOf, VerdictRecorded } from '@interlock/contracts';
import { dropped, findRequest, putCall, putRequest, requestAt, resetStep, without } from '../edit.js';
import type { RequestIndex } from '../indices.js';
import { redact } from '../redact.js';
import { stepAt } from '../scope/workflow.index.js';
import type { RequestState, RunState, StepState } from '../state.js';
import { setItem } from '../tree.js';
import { closeRequest, derived } from './evolve.js';
import type { LedgerAt } from './owner.js';

type Verdict = MessageOf<typeof VerdictRecorded>['data'];

export function checkRequested(
  state: RunState,
  { requestId }: MessageOf<typeof CheckRequested>['data'],
): RunState {
  const { step: place } = requestAt(state, findRequest(state, requestId)!);
  const unchecked = without(stepAt(state, place), 'checked');
  return { ...state, steps: setItem(state.steps, place, { ...unchecked, check: state.seq }) };
}

/** What a verdict says of a request: `approval` where people have not granted what it requires. */
export function judged(
  state: RunState,
  ordinal: RequestIndex,
  says: NonNullable<RequestState['verdict']>,
  ledgerAt: LedgerAt,
): RunState {
  const callRequest = requestAt(state, ordinal);
  const told = {
    ...putRequest(state, ordinal, { verdict: says }),
    unjudged: dropped(state.unjudged, ordinal),
  };
  if (says === 'allow' || !callRequest.open) return told;
  const ended = closeRequest(told, ordinal, ledgerAt);
  const { call } = stepAt(state, callRequest.step);
  if (callRequest.purpose === 'verify' || call?.callRequest !== ordinal) return ended;
  if (callRequest.revoked === 'redacted') return resetStep(ended, callRequest.step);
  if (call.known !== undefined)
    return derived(ended, callRequest.step, stepAt(ended, callRequest.step).output);
  return putCall(ended, callRequest.step, { phase: 'idle' });
}

/** What a verdict says of an outcome. */
export function checked(
  state: RunState,
  { checkId, requestId, verdict, redact: paths }: Verdict,
  ledgerAt: LedgerAt,
): RunState {
  const { step: place } = requestAt(state, findRequest(state, requestId)!);
  const open = without(stepAt(state, place), 'check');
  if (verdict === 'deny') {
    const next = { ...state, steps: setItem(state.steps, place, open) };
    return resetOn(endRequestsOn(next, checkId, ledgerAt), checkId);
  }
  const changed = paths !== undefined && paths.length > 0;
  const allowed: StepState = changed
    ? { ...open, checked: true, derived: true, output: redactedOutput(state, requestId, open.output, paths) }
    : { ...open, checked: true };
  const next = { ...state, steps: setItem(state.steps, place, allowed) };
  return changed ? resetOn(next, checkId) : next;
}

/** Calls made from that output which wait for people or for their next attempt: they are made anew from what stands now. */
function resetOn(state: RunState, checkId: string): RunState {
  let next = state;
  for (const place of state.active) {
    const { call } = stepAt(state, place);
    if (call?.doubt !== undefined || (call?.phase !== 'approval' && call?.phase !== 'retry')) continue;
    if (requestAt(state, call.callRequest).needs.includes(checkId)) next = resetStep(next, place);
  }
  return next;
}

/** Paths lead through what was checked: of a verified call, the verify tool's answer. */
function redactedOutput(
  state: RunState,
  requestId: string,
  output: unknown,
  paths: readonly string[],
): unknown {
  const { purpose } = requestAt(state, findRequest(state, requestId)!);
  if (purpose !== 'verify') return redact(output, paths);
  return (redact({ found: true, output }, paths) as { output: unknown }).output;
}

/** A deny ends every request that needed this check, for everyone: its executor forgets it and answers nothing. */
function endRequestsOn(state: RunState, checkId: string, ledgerAt: LedgerAt): RunState {
  let next = state;
  for (const ordinal of state.openRequests) {
    const callRequest = requestAt(state, ordinal);
    if (!callRequest.needs.includes(checkId)) continue;
    next = closeRequest(next, ordinal, ledgerAt);
    if (stepAt(next, callRequest.step).call?.callRequest === ordinal)
      next = resetStep(next, callRequest.step);
  }
  return next;
}
