import type { Compensation } from '@interlock/contracts';
import type { CallIndex } from '../indices.js';

/** A write of a step. What a person went on from without knowing is `abandoned` until it turns out to have happened. */
export interface Write {
  readonly call: CallIndex;
  /** The call that undoes it. Absent: it stands. */
  readonly compensation?: Compensation;
  readonly abandoned?: true;
  /** What came of undoing it, with the seq of the event that says so. */
  readonly settled?: { readonly as: 'undone' | 'standing'; readonly seq: number };
}

export interface Rollback {
  readonly because: 'failed' | 'cancelled';
  /** UTC ms. */
  readonly startedAt: number;
  /** Writes from this index on are settled or abandoned. */
  readonly below: number;
  /** The compensation under way. */
  readonly call?: CallIndex;
}
