import type { CallIndex, WriteIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { indexIn, itemAt, itemsOf } from '../tree.js';
import type { Rollback, Write } from './state.js';

export const writeAt = ({ writes }: RunState, write: WriteIndex): Write => itemAt(writes, write);

const isToUndo = ({ abandoned, settled }: Write): boolean => abandoned !== true && settled === undefined;

/** The write that is undone next: the last that happened of those that still stand unsettled. */
export function nextWrite(state: RunState): WriteIndex | undefined {
  for (let at = (state.rollback?.below ?? state.writes.size) - 1; at >= 0; at -= 1) {
    const write = indexIn(state.writes, at);
    if (write !== undefined && isToUndo(writeAt(state, write))) return write;
  }
  return undefined;
}

/** All that is to be undone, in the order of undoing. */
export const writesToUndo = (state: RunState): Write[] => itemsOf(state.writes).filter(isToUndo).reverse();

/** @throws nothing is being undone */
export function rollbackOf({ rollback, origin }: RunState): Rollback {
  if (rollback === null) throw new Error(`run ${origin.runId} undoes nothing`);
  return rollback;
}

/** The write that a compensation undoes. @throws the call is not a compensation */
export function undoneBy({ calls }: RunState, call: CallIndex): WriteIndex {
  const { owner } = itemAt(calls, call);
  if (owner.kind !== 'compensation') throw new Error(`call ${call} undoes nothing`);
  return owner.write;
}
