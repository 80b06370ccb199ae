import type { CallIndex, WriteIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { indexIn, indicesOf, itemAt, itemsOf } from '../tree.js';
import { type CallWrite, isOfCall, isOfChild, type Rollback, type Write } from './state.js';

export const writeAt = ({ writes }: RunState, write: WriteIndex): Write => itemAt(writes, write);

const isToUndo = (write: Write): boolean =>
  write.settled === undefined && !(isOfCall(write) && write.abandoned === true);

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

/** @throws it is a child */
export function callWriteAt(state: RunState, write: WriteIndex): CallWrite {
  const found = writeAt(state, write);
  if (!isOfCall(found)) throw new Error(`write ${write} is a child`);
  return found;
}

/** @throws no such child did anything */
export function childWriteOf(state: RunState, child: string): WriteIndex {
  const found = indicesOf(state.writes).find((at) => {
    const write = writeAt(state, at);
    return isOfChild(write) && write.child === child;
  });
  if (found === undefined)
    throw new Error(`run ${state.origin.runId} has no child ${child} that did anything`);
  return found;
}

/** Path of the step that started a child that did something. @throws there is none */
export function stepOfChild(state: RunState, child: string): string {
  const write = writeAt(state, childWriteOf(state, child));
  if (!isOfChild(write)) throw new Error(`${child} is no child`);
  return write.step;
}
