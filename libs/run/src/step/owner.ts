import { StepCompleted } from '@interlock/contracts';
import { requestApproval } from '../approval/decide.js';
import { attempted, isSuccess } from '../call/outcomes.js';
import type { CallOwner } from '../call/owner.js';
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
  failed: (draft, call, failure) => failStep(draft, draft.stepOf(call), failure),
  skipped: (draft, call) => completeStep(draft, draft.stepOf(call)),
  demanded: requestApproval,
  // Where it has another way on, its failure takes that.
  asksPeople: (draft, call) => draft.definition(draft.stepOf(call)).onFailure === undefined,
  refuse: () => undefined,
  mark: () => ({}),
};
