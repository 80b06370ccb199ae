import type { CallLedger } from '../call/owner.js';
import { closeStep, requestAt, spend } from '../edit.js';
import { writeAbandoned, writeHappened } from '../rollback/evolve.js';
import type { RunState } from '../state.js';

/** A call that the run's budgets bound: what it reserves is spent if it was performed, and free again if not. */
export const stepLedger: CallLedger = {
  reserve(state, cost, toolCalls) {
    const { reservedCalls, reservedMicroUsd } = state.spent;
    return spend(state, {
      reservedCalls: reservedCalls + toolCalls,
      reservedMicroUsd: reservedMicroUsd + cost,
    });
  },
  settle: (state, _place, cost, performed) => settled(state, cost, performed),
  happened: writeHappened,
  skip(state, place, abandoned) {
    if (abandoned === undefined) return closeStep(state, place, { status: 'skipped' });
    const left = writeAbandoned(state, requestAt(state, abandoned.callRequest));
    return closeStep(left, place, { status: 'skipped', call: abandoned });
  },
};

export function settled(state: RunState, cost: number, performed: boolean): RunState {
  const { spent } = state;
  return spend(state, {
    reservedCalls: spent.reservedCalls - 1,
    reservedMicroUsd: spent.reservedMicroUsd - cost,
    toolCalls: spent.toolCalls + (performed ? 1 : 0),
    microUsd: spent.microUsd + (performed ? cost : 0),
  });
}
