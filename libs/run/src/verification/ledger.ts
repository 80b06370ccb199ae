import { enter } from '../call/calls.js';
import type { CallLedger } from '../call/owner.js';
import { ledgerAt } from '../ledgers.js';
import { doubtedBy } from '../scope/called.js';

/** What a verification costs is on the account of the call that it is about. */
export const verificationLedger: CallLedger = {
  reserve(state, call, cost, toolCalls) {
    const doubted = doubtedBy(state, call);
    return ledgerAt(state, doubted).reserve(state, doubted, cost, toolCalls);
  },
  settle(state, call, cost, performed) {
    const doubted = doubtedBy(state, call);
    return ledgerAt(state, doubted).settle(state, doubted, cost, performed);
  },
  requested: (state, call) =>
    enter(state, doubtedBy(state, call), { phase: 'verifying', verification: call }),
  happened: (state) => state,
  unparked: (state) => state,
  dropped: (state) => state,
  skipped: (state) => state,
};
