import type { RunEvent } from '@interlock/contracts';
import type { RunState } from './state.js';

/** Which phases an input may lead to, by the phase that hears it. */
export type Table<Phase extends string> = Readonly<Record<Phase, Readonly<Record<string, readonly Phase[]>>>>;

/**
 * A machine as data: in which phase it may hear what, and which phases that may lead to. What is not named does not happen, and an event
 * that is not named for a phase leaves it as it is. The table does not drive the fold, it checks it: `evolve` must be total.
 */
export interface Machine<Phase extends string = string> {
  readonly table: Table<Phase>;
  /** The phase of each one that the run has, by its index; undefined: it is not there any more. */
  phases(state: RunState): readonly (Phase | undefined)[];
  /** What one of them is in that the run does not have yet. */
  readonly before: Phase;
  /** What an event is to one that it brings into `to`. */
  input(event: RunEvent, to: Phase): string;
}

/** Every change of phase from one state to the next. */
export function changesIn<Phase extends string>(
  { phases, before }: Machine<Phase>,
  earlier: RunState | undefined,
  later: RunState,
): readonly { readonly from: Phase; readonly to: Phase }[] {
  const were = earlier === undefined ? [] : phases(earlier);
  return phases(later).flatMap((to, index) => {
    const from = were[index] ?? before;
    return to === undefined || from === to ? [] : [{ from, to }];
  });
}
