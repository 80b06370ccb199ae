import { type RunEvent, terminalEventTypes } from '@interlock/contracts';
import type { Logged } from './reading.js';

/** What lets a run go on that had ended: the run above undoes what it did, or an operator takes it up again. */
const goingOn: ReadonlySet<RunEvent['type']> = new Set(['run.undoing', 'run.reopened']);

/** Where the last end of a run stands; -1: it goes on, or has not ended. */
export function endIn(events: readonly Logged<RunEvent>[]): number {
  const end = events.findLastIndex(({ type }) => terminalEventTypes.has(type));
  const again = events.findLastIndex(({ type }) => goingOn.has(type));
  return end > again ? end : -1;
}

export const hasEnded = (events: readonly Logged<RunEvent>[]): boolean => endIn(events) >= 0;
