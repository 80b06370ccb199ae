import type { CallLedger } from '../call/owner.js';
import { writeHappened } from '../rollback/evolve.js';

/** A write of a turn that is over. Its requests have been answered and settled; it may still turn out to have happened. */
export const pastLedger: CallLedger = {
  reserve: (state) => state,
  settle: (state) => state,
  requested: (state) => state,
  happened: writeHappened,
  unparked: (state) => state,
  dropped: (state) => state,
  skipped: (state) => state,
};
