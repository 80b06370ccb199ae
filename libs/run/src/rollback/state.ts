import type { Compensation } from '@interlock/contracts';
import type { StepIndex } from '../indices.js';

/** A write of a step. What a person went on from without knowing is `abandoned` until it turns out to have happened. */
export interface Write {
  readonly step: StepIndex;
  readonly hash: string;
  readonly generation: number;
  /** The call that undoes it. Absent: it stands. */
  readonly compensation?: Compensation;
  readonly abandoned?: true;
  /** What came of undoing it, with the seq of the event that says so. */
  readonly settled?: { readonly as: 'undone' | 'standing'; readonly seq: number };
}

export interface Rollback {
  readonly because: 'failed' | 'cancelled';
  readonly at: number;
  /** Writes from this ordinal on are settled or abandoned. */
  readonly below: number;
  /** Place of the compensation that is under way. */
  readonly place?: StepIndex;
}
