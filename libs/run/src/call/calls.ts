import type { CallIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { itemAt, itemsOf, setItem } from '../tree.js';
import type { CallPhase, CallState, Happened, Retrying } from './state.js';

export const callAt = (state: RunState, call: CallIndex): CallState => itemAt(state.calls, call);

export const setCall = (state: RunState, call: CallIndex, to: CallState): RunState => ({
  ...state,
  calls: setItem(state.calls, call, to),
});

export const putCall = (state: RunState, call: CallIndex, change: Partial<CallState>): RunState =>
  setCall(state, call, { ...callAt(state, call), ...change });

export const enter = (state: RunState, call: CallIndex, at: CallPhase): RunState =>
  putCall(state, call, { at });

/** The time for its retries runs from here on, if it does not yet. */
export const retryingSince = (state: RunState, call: CallIndex): Retrying =>
  callAt(state, call).retrying ?? { since: state.time, heldMs: 0 };

/** With its tries and its time for them anew: a person has it made again. */
export const anew = ({ retrying, ...call }: CallState): CallState => ({ ...call, failures: 0 });

/** What the call is known to have done; undefined: it is not known to have happened. */
export function happenedOf({ at }: CallState): Happened | undefined {
  if (at.phase === 'happened') return at;
  return at.phase === 'requested' ? at.known : undefined;
}

/** Changes what is known to have happened. */
export function putHappened(state: RunState, call: CallIndex, happened: Happened): RunState {
  const { at } = callAt(state, call);
  return enter(state, call, at.phase === 'requested' ? { ...at, known: happened } : happened);
}

/** The step that used the output keeps it; a second copy would be in every copy of the state. */
export function forgetOutput(state: RunState, call: CallIndex | undefined): RunState {
  if (call === undefined) return state;
  const { at } = callAt(state, call);
  if (at.phase !== 'happened' || at.output === undefined) return state;
  const { output, ...rest } = at;
  return enter(state, call, rest);
}

/** Nothing more happens to this call. */
export const isOver = ({ at }: CallState): boolean =>
  at.phase === 'happened' || at.phase === 'abandoned' || at.phase === 'dropped';

/** Whether a write with this hash is known to have happened. */
export const hasHappened = (state: RunState, hash: string): boolean =>
  itemsOf(state.writes).some(
    (write) => 'call' in write && write.abandoned !== true && callAt(state, write.call).hash === hash,
  );
