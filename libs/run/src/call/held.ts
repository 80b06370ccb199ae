import type { DataOf } from '../evolving.js';
import type { RequestIndex } from '../indices.js';
import { doubtedBy } from '../scope/called.js';
import type { RunState } from '../state.js';
import { callAt, putCall } from './calls.js';
import { requestAt } from './requests.js';
import type { Unanswered } from './state.js';

/** What an open request waits for, as the executor says it: the wait for its target, or for its tool, goes on or begins. */
export function waitsAs(
  { time }: RunState,
  { overdue, heldSince = time }: Unanswered,
  { for: awaits, kind }: DataOf<'call.place_awaited'>,
): Unanswered {
  return {
    ...(overdue === undefined ? {} : { overdue }),
    ...(awaits === undefined ? {} : { awaits }),
    ...(awaits === undefined || kind !== 'tool' ? {} : { unavailable: true }),
    ...(awaits === undefined || kind === 'place' ? {} : { heldSince }),
  };
}

/**
 * The request is held no longer: meanwhile the time for retries stood still, of its call and of the call in doubt that it asks about. Where none has
 * failed yet no time runs.
 */
export function released(state: RunState, request: RequestIndex): RunState {
  const { at, call } = requestAt(state, request);
  const { heldSince } = 'heldSince' in at ? at : {};
  if (heldSince === undefined) return state;
  let next = state;
  for (const held of new Set([call, doubtedBy(state, call)])) {
    const { retrying } = callAt(next, held);
    if (retrying === undefined) continue;
    const heldMs = retrying.heldMs + state.time - Math.max(heldSince, retrying.since);
    next = putCall(next, held, { retrying: { ...retrying, heldMs } });
  }
  return next;
}
