import { StepCompleted } from '@interlock/contracts';
import { requestApproval } from '../approval/decide.js';
import type { CallOwner } from '../call/owner.js';
import { completeStep } from './complete.js';
import { failStep } from './fail.js';

/** A step of the workflow, with the call that it makes. */
export const stepOwner: CallOwner = {
  purpose: 'step',
  outlastsRun: false,
  leadsOn: true,

  step: (_state, place) => place,
  occurrence: () => 1,
  happened(draft, place) {
    const step = draft.definition(place).id;
    const { derived, output } = draft.step(place);
    draft.emit(StepCompleted(derived === true ? { step, via: 'call', output } : { step, via: 'call' }));
    return completeStep(draft, place);
  },
  failed: (draft, place, failure) => failStep(draft, place, failure),
  skipped: (draft, place) => completeStep(draft, place),
  demanded: (draft, ordinal, demand) => requestApproval(draft, ordinal, demand),
  // Where it has another way on, its failure takes that.
  asksPeople: (draft, place) => draft.definition(place).onFailure === undefined,
  refuse: () => undefined,
  proposer: () => undefined,
};
