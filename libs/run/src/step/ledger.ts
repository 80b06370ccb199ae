import { spend } from '../budget.js';
import { callAt } from '../call/calls.js';
import type { CallLedger } from '../call/owner.js';
import type { CallIndex } from '../indices.js';
import { writeAbandoned, writeHappened } from '../rollback/evolve.js';
import { stepOf } from '../scope/called.js';
import type { RunState } from '../state.js';
import { closeStep, enterStep, resetStep, startStep, stepAt } from './steps.js';
import { calling } from './tool/work.js';

/** A call that the run's budgets bound: what it reserves is spent if it was performed, and free again if not. */
export const stepLedger: CallLedger = {
  reserve(state, _call, cost, toolCalls) {
    const { reservedCalls, reservedMicroUsd } = state.spent;
    return spend(state, {
      reservedCalls: reservedCalls + toolCalls,
      reservedMicroUsd: reservedMicroUsd + cost,
    });
  },
  settle: (state, _call, cost, performed) => settled(state, cost, performed),
  requested: (state, call) => startStep(state, stepOf(state, call), 'running', calling(call)),
  happened: writeHappened,
  unparked(state, call) {
    const step = stepOf(state, call);
    const { at } = stepAt(state, step);
    return at.status === 'parked' ? enterStep(state, step, { status: 'running' }) : state;
  },
  dropped: (state, call) => resetStep(state, stepOf(state, call)),
  skipped: (state, call) =>
    closeStep(isAbandoned(state, call) ? writeAbandoned(state, call) : state, stepOf(state, call), {
      status: 'skipped',
      ...outputOf(state, call),
    }),
};

export const isAbandoned = (state: RunState, call: CallIndex): boolean =>
  callAt(state, call).at.phase === 'abandoned';

function outputOf(state: RunState, call: CallIndex): { readonly output?: unknown } {
  const { at } = callAt(state, call);
  return at.phase === 'happened' && at.output !== undefined ? { output: at.output } : {};
}

export function settled(state: RunState, cost: number, performed: boolean): RunState {
  const { spent } = state;
  return spend(state, {
    reservedCalls: spent.reservedCalls - 1,
    reservedMicroUsd: spent.reservedMicroUsd - cost,
    toolCalls: spent.toolCalls + (performed ? 1 : 0),
    microUsd: spent.microUsd + (performed ? cost : 0),
  });
}
