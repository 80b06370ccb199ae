import { callAt, happenedOf } from '../call/calls.js';
import type { CallState } from '../call/state.js';
import { openChildren } from '../family/state.js';
import { openCalls } from '../scope/called.js';
import type { RunState } from '../state.js';

/** Nobody has to answer anything any more: no request and no plan is open, no verdict is missing, and every child has ended. */
export const isAnswered = (state: RunState): boolean =>
  state.openRequests.length + state.unjudged.length + state.openPlans.length + openChildren(state).length ===
  0;

/** The same, and it is known of every call what it did: a run that ends may undo what it did, and end. */
export const isSettled = (state: RunState): boolean =>
  isAnswered(state) && !openCalls(state).some((call) => isUnclear(callAt(state, call)));

/** In doubt, or its outcome is not judged yet. */
function isUnclear(call: CallState): boolean {
  const check = happenedOf(call)?.check;
  return call.doubt !== undefined || (check !== undefined && !check.isAllowed);
}
