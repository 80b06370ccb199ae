import { CompensationFailed, type Failure, StepParked } from '@interlock/contracts';
import { requestApproval } from '../approval/decide.js';
import { isOver } from '../call/calls.js';
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
  failed: leaveToPeople,
  skipped: leaveStanding,
  demanded: requestApproval,
  asksPeople: () => true,
  refuse: () => undefined,
  mark: () => ({}),
};

/** It has failed for good: an operator has it made again, says that it is done, or lets it go. One whose outcome is not allowed has been made. */
function leaveToPeople(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  if (draft.state.rollback?.call !== call) return;
  if (isOver(draft.call(call))) return leaveStanding(draft, call, failure);
  draft.emit(StepParked({ step: draft.called(call).step, because: 'escalated', failure }));
}

/** A compensation that is let go: its write stands. */
function leaveStanding(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  const { state } = draft;
  if (state.rollback?.call !== call) return;
  const { hash: callHash } = draft.call(callWriteAt(state, undoneBy(state, call)).call);
  draft.emit(CompensationFailed({ step: draft.called(call).step, callHash, failure }));
}
