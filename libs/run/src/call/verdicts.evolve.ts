import { judgedRequestOf } from '@interlock/contracts';
import type { DataOf } from '../evolving.js';
import type { CallIndex, RequestIndex } from '../indices.js';
import { dropped, without } from '../lists.js';
import { redact } from '../redact.js';
import { doubtedBy, openCalls, standing } from '../scope/called.js';
import type { RunState } from '../state.js';
import { callAt, enter, happenedOf, isOver, putHappened } from './calls.js';
import { closeRequest, drop } from './evolve.js';
import type { LedgerAt } from './owner.js';
import { isOpen, putRequest, requestAt, requestOf, revocationOf } from './requests.js';
import type { Happened, RequestState } from './state.js';

type Verdict = DataOf<'verdict.recorded'>;

/** The call whose outcome is checked. A verification answers for the call in doubt. */
function checkedCall(state: RunState, requestId: string): CallIndex {
  const call = doubtedBy(state, requestAt(state, requestOf(state, requestId)).call);
  return standing(state, call) ?? call;
}

/** What a verdict says of a request: `approval` where people have not granted what it requires. */
export function judged(
  state: RunState,
  request: RequestIndex,
  says: NonNullable<RequestState['verdict']>,
  ledgerAt: LedgerAt,
): RunState {
  const before = requestAt(state, request);
  const next_ = {
    ...putRequest(state, request, { verdict: says }),
    unjudged: dropped(state.unjudged, request),
  };
  if (says === 'allow' || !isOpen(before)) return next_;
  const ended = closeRequest(next_, request, ledgerAt);
  const call = callAt(ended, before.call);
  if (call.request !== request || isOver(call)) return ended;
  if (revocationOf(before) === 'redacted') return drop(ended, before.call, ledgerAt);
  return enter(ended, before.call, happenedOf(call) ?? { phase: 'idle' });
}

/** What a verdict says of an outcome. */
export function checked(state: RunState, said: Verdict, ledgerAt: LedgerAt): RunState {
  const { checkId, verdict, redact: paths = [] } = said;
  const requestId = judgedRequestOf(said);
  const call = checkedCall(state, requestId);
  const happened = happenedOf(callAt(state, call));
  if (happened === undefined) return state;
  if (verdict === 'deny') {
    const denied = putHappened(state, call, without(happened, 'check'));
    return dropOn(endRequestsOn(denied, checkId, ledgerAt), checkId, ledgerAt);
  }
  const allowed = { ...happened, check: { seq: happened.check?.seq ?? state.seq, isAllowed: true } };
  if (paths.length === 0) return putHappened(state, call, allowed);
  const output = redactedOutput(state, requestId, happened, paths);
  return dropOn(putHappened(state, call, { ...allowed, output, derived: true }), checkId, ledgerAt);
}

/** Drops calls made from that output that wait for people or for their next attempt: they are made again from the current output. */
function dropOn(state: RunState, checkId: string, ledgerAt: LedgerAt): RunState {
  let next = state;
  for (const call of openCalls(state)) {
    const { at, doubt, request } = callAt(next, call);
    const waits = at.phase === 'approval' || at.phase === 'retry' || at.phase === 'stopped';
    if (doubt !== undefined || !waits) continue;
    if (requestAt(state, request).needs.includes(checkId)) next = drop(next, call, ledgerAt);
  }
  return next;
}

/** Paths lead through what was checked: of a verified call, the verify tool's answer. */
function redactedOutput(
  state: RunState,
  requestId: string,
  { output }: Happened,
  paths: readonly string[],
): unknown {
  const { call } = requestAt(state, requestOf(state, requestId));
  if (doubtedBy(state, call) === call) return redact(output, paths);
  return (redact({ found: true, output }, paths) as { output: unknown }).output;
}

/** A deny ends every request that needed this check, for everyone: its executor forgets it and answers nothing. */
function endRequestsOn(state: RunState, checkId: string, ledgerAt: LedgerAt): RunState {
  let next = state;
  for (const request of state.openRequests) {
    const { needs, call } = requestAt(state, request);
    if (!needs.includes(checkId)) continue;
    next = closeRequest(next, request, ledgerAt);
    if (callAt(next, call).request === request && !isOver(callAt(next, call)))
      next = drop(next, call, ledgerAt);
  }
  return next;
}
