import type { Compensation } from '@interlock/contracts';
import type { CallIndex } from '../indices.js';

/** What is undone in its turn. */
export type Write = CallWrite | ChildWrite;

/** A write of a step. What a person went on from without knowing is `abandoned` until it turns out to have happened. */
export interface CallWrite extends Settled {
  readonly call: CallIndex;
  /** The call that undoes it. Absent: it stands. */
  readonly compensation?: Compensation;
  readonly abandoned?: true;
}

/** A child that did something: it completed and is undone as a whole, or it has ended with something that stands. */
export interface ChildWrite extends Settled {
  readonly child: string;
  /** Path of the step that started it. */
  readonly step: string;
}

interface Settled {
  /** What came of undoing it, with the seq of the event that says so. */
  readonly settled?: { readonly as: 'undone' | 'standing'; readonly seq: number };
}

export const isOfCall = (write: Write): write is CallWrite => 'call' in write;
export const isOfChild = (write: Write): write is ChildWrite => 'child' in write;

export interface Rollback {
  readonly because: 'failed' | 'cancelled';
  /** UTC ms. */
  readonly startedAt: number;
  /** Writes from this index on are settled or abandoned. */
  readonly below: number;
  /** The compensation under way. */
  readonly call?: CallIndex;
  /** The child that undoes what it did. */
  readonly child?: string;
}
