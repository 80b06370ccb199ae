import type { CallRequested, MessageOf } from '@interlock/contracts';
import { actingPlace } from './agent/evolve.js';
import { roundLedger } from './agent/ledger.js';
import type { LedgerAt } from './call/owner.js';
import { placeOf } from './edit.js';
import type { StepIndex } from './indices.js';
import { undoingPlace } from './rollback/evolve.js';
import { compensationLedger } from './rollback/ledger.js';
import { stepAt } from './scope/workflow.index.js';
import type { RunState } from './state.js';
import { stepLedger } from './step/ledger.js';

/** Who keeps the accounts of the call at a place: asked here, and nowhere else in the fold. */
export const ledgerAt: LedgerAt = (state, place) => {
  const { acts, undoes } = stepAt(state, place);
  if (undoes !== undefined) return compensationLedger;
  return acts === undefined ? stepLedger : roundLedger;
};

/** Where the call of a request stands. The first request of a call that is no step's own makes room for it. */
export function placeFor(
  state: RunState,
  data: MessageOf<typeof CallRequested>['data'],
): readonly [RunState, StepIndex] {
  if (data.purpose === 'compensate') return undoingPlace(state);
  return data.agent === undefined ? [state, placeOf(state, data.step)] : actingPlace(state, data);
}
