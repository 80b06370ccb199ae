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
  happened(emitter, place) {
    const step = emitter.definition(place).id;
    const { derived, output } = emitter.step(place);
    emitter.emit(StepCompleted(derived === true ? { step, via: 'call', output } : { step, via: 'call' }));
    return completeStep(emitter, place);
  },
  failed: (emitter, place, failure) => failStep(emitter, place, failure),
  skipped: (emitter, place) => completeStep(emitter, place),
  demanded: (emitter, ordinal, demand) => requestApproval(emitter, ordinal, demand),
  // Where it has another way on, its failure takes that.
  asksPeople: (emitter, place) => emitter.definition(place).onFailure === undefined,
  refuse: () => undefined,
  proposer: () => undefined,
};
