import { type Failure, StepCompleted, StepParked } from '@interlock/contracts';
import { requestApproval } from '../approval/decide.js';
import { attempted, isSuccess } from '../call/outcomes.js';
import type { CallOwner } from '../call/owner.js';
import { isPassing } from '../call/patience.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { stepOf } from '../scope/called.js';
import { completeStep } from './complete.js';
import { failStep } from './fail.js';

/** A step of the workflow, with the call that it makes. */
export const stepOwner: CallOwner = {
  purpose: 'step',
  outlastsRun: false,
  clearsDoubt: false,
  leadsOn: true,

  step: stepOf,
  gives: isSuccess,
  attempted,
  happened(draft, call) {
    const { step } = draft.called(call);
    const { at } = draft.call(call);
    const isDerived = at.phase === 'happened' && at.derived === true;
    draft.emit(StepCompleted(isDerived ? { step, via: 'call', output: at.output } : { step, via: 'call' }));
    return completeStep(draft, draft.stepOf(call));
  },
  failed: (draft, call, failure) =>
    isLeftToPeople(draft, call, failure)
      ? parkExhausted(draft, call, failure)
      : failStep(draft, draft.stepOf(call), failure),
  skipped: (draft, call) => completeStep(draft, draft.stepOf(call)),
  demanded: requestApproval,
  // Where it has another way on, its failure takes that.
  asksPeople: (draft, call) => draft.definition(draft.stepOf(call)).onFailure === undefined,
  refuse: () => undefined,
  mark: () => ({}),
};

/** Whether all that was tried has failed of what may pass, the step says no way on, and a person is to decide then. */
function isLeftToPeople(draft: DecisionDraft, call: CallIndex, failure: Failure): boolean {
  if (!isPassing(failure) || failure.code === 'sla.breached' || draft.isEnding || draft.isOverdue)
    return false;
  const { onFailure, onExhausted } = draft.definition(draft.stepOf(call));
  const said = onExhausted ?? draft.state.origin.compiled.onExhausted ?? draft.settings.onExhausted;
  return onFailure === undefined && said === 'park';
}

function parkExhausted(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  draft.emit(StepParked({ step: draft.called(call).step, because: 'escalated', failure }));
}
