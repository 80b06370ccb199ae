import { requestApproval } from '../approval/decide.js';
import type { CallOwner } from '../call/owner.js';
import type { StepIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.plan.js';
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
  happened: (emitter, place) => callSucceeded(emitter, place),
  failed: (emitter, place, failure) => callFailed(emitter, place, failure),
  skipped: (emitter, place, failure) =>
    callSkipped(emitter, place, resultOf(emitter.step(place).call), failure),
  demanded: (emitter, ordinal, demand) => requestApproval(emitter, ordinal, demand),
  // Its model is told instead.
  asksPeople: () => false,
  refuse: (emitter, place, pin) => refuseProposal(emitter, actingAt(emitter.state, place).owner, pin),
  proposer: (emitter, place) => proposerOf(emitter, actingAt(emitter.state, place).owner),
};

/** What is true of a call that a person goes on from: the model is told that, and no more. */
function resultOf(call: CallState | undefined): 'unknown' | 'unusable' | 'failed' {
  if (call?.result === 'abandoned') return 'unknown';
  return call?.result === 'happened' ? 'unusable' : 'failed';
}
