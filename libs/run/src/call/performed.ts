import { CheckRequested, RunCheckpointed } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, RequestIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import { STATE_VERSION } from '../state.js';
import { stateHash } from '../state-hash.js';
import { principalOf } from './request.js';
import { requestIdOf } from './requests.js';

/**
 * A call has happened: what it gave is checked, and a write leaves a checkpoint of record.
 * @param request the one whose outcome this decision records: the call's own, or that of the call which verified it
 */
export function performed(draft: DecisionDraft, call: CallIndex, request: RequestIndex): undefined {
  const answered = draft.request(request);
  const { hash: callHash } = draft.call(answered.call);
  const { step, tool, toolHash } = draft.called(answered.call);
  const requestId = requestIdOf(draft.state, answered);
  const about = { requestId, step, callHash, tool, toolHash, principal: principalOf(draft.state) };
  draft.emit(CheckRequested({ ...about, ...influenceMark(draft.state, step) }));
  if (draft.call(call).at.phase === 'happened' && draft.owner(call).leadsOn) draft.fresh.push(call);
  if (draft.called(call).effect === 'write') checkpoint(draft);
}

/** The checkpoint of record after a high-impact action. */
export function checkpoint(draft: DecisionDraft): undefined {
  const { state } = draft;
  draft.emit(RunCheckpointed({ seq: state.seq, stateVersion: STATE_VERSION, stateHash: stateHash(state) }));
}
