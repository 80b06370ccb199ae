import { CompensationFailed, type Failure } from '@interlock/contracts';
import { requestApproval } from '../approval/decide.js';
import type { CallOwner } from '../call/owner.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { writeAt } from './evolve.js';

/** The undoing of a write: the end of the run, its deadline and its budgets do not stop it. */
export const compensationOwner: CallOwner = {
  purpose: 'compensate',
  outlastsRun: true,
  leadsOn: false,

  step: () => undefined,
  occurrence: () => 1,
  // The rollback looks for itself what has become of it, as it goes on.
  happened: () => undefined,
  failed: leaveStanding,
  skipped: leaveStanding,
  demanded: (draft, ordinal, demand) => requestApproval(draft, ordinal, demand),
  asksPeople: () => false,
  refuse: () => undefined,
  proposer: () => undefined,
};

/** A compensation that comes to nothing: what it was to undo stands. */
function leaveStanding(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  if (draft.state.rollback?.place !== place) return;
  const { hash: callHash } = writeAt(draft.state, draft.step(place).undoes!);
  draft.emit(CompensationFailed({ step: draft.definition(place).id, callHash, failure }));
}
