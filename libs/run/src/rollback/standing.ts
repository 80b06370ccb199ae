import { callAt } from '../call/calls.js';
import type { RunState } from '../state.js';
import { itemsOf } from '../tree.js';
import { isOfCall, type Write } from './state.js';

/** What is known of each write of the run now: one that was abandoned may have turned out to have happened. */
function writesOf(state: RunState): Write[] {
  const latest = new Map<string, Write>();
  for (const write of itemsOf(state.writes)) {
    const key = isOfCall(write) ? callAt(state, write.call).hash : `child ${write.child}`;
    latest.delete(key);
    latest.set(key, write);
  }
  return [...latest.values()];
}

/** Writes that happened and those a person went on from without knowing, unless they have been undone. */
export const standingWrites = (state: RunState): Write[] =>
  writesOf(state).filter(({ settled }) => settled?.as !== 'undone');

const undoneAt = ({ settled }: Write): number => settled?.seq ?? 0;

/** In the order in which they were undone. */
export const undoneWrites = (state: RunState): Write[] =>
  writesOf(state)
    .filter(({ settled }) => settled?.as === 'undone')
    .sort((a, b) => undoneAt(a) - undoneAt(b));
