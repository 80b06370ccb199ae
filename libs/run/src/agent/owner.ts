import { requestApproval } from '../approval/decide.js';
import type { CallOwner } from '../call/owner.js';
import type { StepIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.index.js';
import type { CallState, RunState } from '../state.js';
import { callFailed, callSkipped, callSucceeded } from './decide.js';
import { proposerOf, refuseProposal } from './proposer.js';
import type { Acting } from './state.js';

const actingAt = (state: RunState, place: StepIndex): Acting => stepAt(state, place).acts!;

/** A round of an agent, whose model proposed the call. */
export const roundOwner: CallOwner = {
  purpose: 'step',
  outlastsRun: false,
  leadsOn: false,

  step: (state, place) => actingAt(state, place).owner,
  occurrence: (state, place) => actingAt(state, place).occurrence,
  happened: (draft, place) => callSucceeded(draft, place),
  failed: (draft, place, failure) => callFailed(draft, place, failure),
  skipped: (draft, place, failure) => callSkipped(draft, place, resultOf(draft.step(place).call), failure),
  demanded: (draft, ordinal, demand) => requestApproval(draft, ordinal, demand),
  // Its model is told instead.
  asksPeople: () => false,
  refuse: (draft, place, pin) => refuseProposal(draft, actingAt(draft.state, place).owner, pin),
  proposer: (draft, place) => proposerOf(draft, actingAt(draft.state, place).owner),
};

/** What is true of a call that a person goes on from: the model is told that, and no more. */
function resultOf(call: CallState | undefined): 'unknown' | 'unusable' | 'failed' {
  if (call?.result === 'abandoned') return 'unknown';
  return call?.result === 'happened' ? 'unusable' : 'failed';
}
