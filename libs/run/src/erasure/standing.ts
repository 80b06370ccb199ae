import type { RunState } from '../state.js';

/**
 * How a family stands to whoever clears the store. `over`: every run of it has ended for good, and nothing was recorded of it since `before`.
 * undefined: some of it goes on, may be taken up, or is being erased.
 */
export function familyStanding(
  root: RunState,
  others: readonly RunState[],
  before: number,
): 'over' | 'erased' | undefined {
  if (root.erasure?.phase === 'done') return 'erased';
  return [root, ...others].every((run) => isOver(run, before)) ? 'over' : undefined;
}

const isOver = ({ end, erasure, time }: RunState, before: number): boolean =>
  end !== null && end.resumable !== true && erasure === undefined && time < before;
