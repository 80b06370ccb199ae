import { spend } from '../budget.js';
import type { CallLedger } from '../call/owner.js';
import { compensationRequested } from './evolve.js';

/** What undoes a write, outside of all budgets. */
export const compensationLedger: CallLedger = {
  reserve: (state, _call, _cost, toolCalls) =>
    spend(state, { reservedCalls: state.spent.reservedCalls + toolCalls }),
  settle(state, _call, cost, performed) {
    const { undoCalls, undoMicroUsd } = state.spent;
    return spend(state, {
      undoCalls: undoCalls + (performed ? 1 : 0),
      undoMicroUsd: undoMicroUsd + (performed ? cost : 0),
    });
  },
  requested: compensationRequested,
  // A compensation is not one of the run's writes: nothing undoes it.
  happened: (state) => state,
  unparked: (state) => state,
  dropped: (state) => state,
  // The event beside it says what becomes of the write.
  skipped: (state) => state,
};
