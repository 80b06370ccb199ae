import { CompensationFailed, type Failure } from '@interlock/contracts';
import { requestApproval } from '../approval/decide.js';
import { attempted, isSuccess } from '../call/outcomes.js';
import type { CallOwner } from '../call/owner.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { callWriteAt, undoneBy } from './writes.js';

/** A compensation: the end of the run, its deadline and its budgets do not stop it. */
export const compensationOwner: CallOwner = {
  purpose: 'compensate',
  outlastsRun: true,
  clearsDoubt: false,
  leadsOn: false,

  step: () => undefined,
  gives: isSuccess,
  attempted,
  // The rollback reads the outcome itself when it goes on.
  happened: () => undefined,
  failed: leaveStanding,
  skipped: leaveStanding,
  demanded: requestApproval,
  asksPeople: () => false,
  refuse: () => undefined,
  mark: () => ({}),
};

/** A compensation that failed: its write stands. */
function leaveStanding(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  const { state } = draft;
  if (state.rollback?.call !== call) return;
  const { hash: callHash } = draft.call(callWriteAt(state, undoneBy(state, call)).call);
  draft.emit(CompensationFailed({ step: draft.called(call).step, callHash, failure }));
}
