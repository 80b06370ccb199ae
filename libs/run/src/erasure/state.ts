import type { RunState } from '../state.js';

interface Ordered {
  readonly by: string;
  readonly reason: string;
  /** UTC ms */
  readonly at: number;
}
interface Amount {
  readonly values: number;
  readonly bytes: number;
}

/**
 * The values that the family keeps outside of the log, on their way out. The run above all waits until every run of the family has said that it
 * is not taken up again, counts what the store has, and has it removed.
 */
export type Erasure =
  | ({ readonly phase: 'ordered' } & Ordered)
  | ({ readonly phase: 'removing' } & Ordered & Amount)
  | ({ readonly phase: 'done'; readonly until: number } & Ordered & Amount)
  /** It is the run above all that does it. */
  | ({ readonly phase: 'with_root'; readonly root: string } & Ordered);

/** Whether the store has still to answer. */
export const isErasing = ({ erasure }: Pick<RunState, 'erasure'>): boolean =>
  erasure?.phase === 'ordered' || erasure?.phase === 'removing';
