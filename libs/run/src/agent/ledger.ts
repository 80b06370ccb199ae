import type { CallLedger } from '../call/owner.js';
import { putStep, requestAt } from '../edit.js';
import { writeAbandoned, writeHappened } from '../rollback/evolve.js';
import { settled, stepLedger } from '../step/ledger.js';
import { chargeAgent } from './evolve.js';

/** A call that a model proposed: its agent step counts it too. */
export const roundLedger: CallLedger = {
  reserve: stepLedger.reserve,
  settle(state, place, cost, performed) {
    const next = settled(state, cost, performed);
    return chargeAgent(next, place, performed ? 1 : 0, performed ? cost : 0);
  },
  happened: writeHappened,
  // The event beside it tells the agent, and closes the call.
  skip(state, place, abandoned) {
    if (abandoned === undefined) return state;
    return putStep(writeAbandoned(state, requestAt(state, abandoned.callRequest)), place, {
      call: abandoned,
    });
  },
};
