import { requestApproval } from '../approval/decide.js';
import { attempted, isSuccess } from '../call/outcomes.js';
import type { CallOwner } from '../call/owner.js';
import type { CallState } from '../call/state.js';
import { stepOf } from '../scope/called.js';
import { callFailed, callSkipped, callSucceeded } from './decide.js';
import { proposerOf, refuseProposal } from './proposer.js';

/** A round of an agent, whose model proposed the call. */
export const roundOwner: CallOwner = {
  purpose: 'step',
  outlastsRun: false,
  clearsDoubt: false,
  leadsOn: false,

  step: stepOf,
  gives: isSuccess,
  attempted,
  happened: callSucceeded,
  failed: callFailed,
  skipped: (draft, call, failure) => callSkipped(draft, call, resultOf(draft.call(call)), failure),
  demanded: requestApproval,
  // Instead, its model gets the result.
  asksPeople: () => false,
  refuse: (draft, call, pin) => refuseProposal(draft, draft.stepOf(call), pin),
  mark: (draft, call) => ({ agent: proposerOf(draft, draft.stepOf(call)) }),
};

/** The result of a call that a person skipped: only what is known is given to the model. */
function resultOf({ at }: CallState): 'unknown' | 'unusable' | 'failed' {
  if (at.phase === 'abandoned') return 'unknown';
  return at.phase === 'happened' ? 'unusable' : 'failed';
}
