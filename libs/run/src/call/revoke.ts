import { CallRevoked } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { RequestIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { OwnerAt } from './owner.js';
import { requestAt, requestIdOf } from './requests.js';
import type { Revocation } from './state.js';

/** Whether a run that ends revokes an open request: not one that clears up a doubt, and not one that outlasts the run. */
export function isTakenBack(state: RunState, request: RequestIndex, ownerAt: OwnerAt): boolean {
  const { recovery, call, at } = requestAt(state, request);
  return !recovery && at.status === 'open' && !ownerAt(state, call).outlastsRun;
}

/** Revokes a request. It stays open until the executor says whether the revocation came in time. */
export function revoke(draft: DecisionDraft, request: RequestIndex, because: Revocation): undefined {
  const revoked = draft.request(request);
  const { step } = draft.called(revoked.call);
  draft.emit(CallRevoked({ requestId: requestIdOf(draft.state, revoked), step, because }));
}
