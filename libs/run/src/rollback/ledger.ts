import type { CallLedger } from '../call/owner.js';
import { putStep, spend } from '../edit.js';

/** What undoes a write, outside of all budgets. */
export const compensationLedger: CallLedger = {
  reserve: (state, _cost, toolCalls) =>
    spend(state, { reservedCalls: state.spent.reservedCalls + toolCalls }),
  settle(state, _place, cost, performed) {
    const { undoCalls, undoMicroUsd } = state.spent;
    return spend(state, {
      undoCalls: undoCalls + (performed ? 1 : 0),
      undoMicroUsd: undoMicroUsd + (performed ? cost : 0),
    });
  },
  // None of the run's writes: nothing undoes it.
  happened: (state) => state,
  // The event beside it says what becomes of the write.
  skip: (state, place, abandoned) =>
    abandoned === undefined ? state : putStep(state, place, { call: abandoned }),
};
