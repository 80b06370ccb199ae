import type {} from '../indices.js';
import type { RunState } from '../state.js';
import { itemsOf } from '../tree.js';
import type { Write } from './state.js';

/** What is known of each write of the run now: one that was abandoned may have turned out to have happened. */
function writesOf({ writes }: RunState): Write[] {
  const latest = new Map<string, Write>();
  for (const write of itemsOf(writes)) {
    latest.delete(write.hash);
    latest.set(write.hash, write);
  }
  return [...latest.values()];
}

/** Writes that happened and those a person went on from without knowing, unless they have been undone. */
export const standingWrites = (state: RunState): Write[] =>
  writesOf(state).filter(({ settled }) => settled?.as !== 'undone');

/** In the order in which they were undone. */
export const undoneWrites = (state: RunState): Write[] =>
  writesOf(state)
    .filter(({ settled }) => settled?.as === 'undone')
    .sort((a, b) => a.settled!.seq - b.settled!.seq);
