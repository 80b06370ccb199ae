import type { CallLedger } from '../call/owner.js';
import { writeAbandoned, writeHappened } from '../rollback/evolve.js';
import { calledAt, stepOf } from '../scope/called.js';
import { isAbandoned, settled, stepLedger } from '../step/ledger.js';
import { callProposed, chargeAgent } from './evolve.js';

/** A call that a model proposed: its agent step counts it too. */
export const roundLedger: CallLedger = {
  reserve: (state, call, cost, toolCalls) => stepLedger.reserve(state, call, cost, toolCalls),
  settle(state, call, cost, performed) {
    const next = settled(state, cost, performed);
    return performed ? chargeAgent(next, stepOf(state, call), calledAt(state, call).tool, cost) : next;
  },
  requested: (state, call) => callProposed(state, stepOf(state, call), call),
  happened: writeHappened,
  unparked: (state) => state,
  dropped: (state) => state,
  // The event beside it informs the agent.
  skipped: (state, call) => (isAbandoned(state, call) ? writeAbandoned(state, call) : state),
};
