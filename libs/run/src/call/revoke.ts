import { CallRevoked } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import { requestAt } from '../edit.js';
import type { RequestIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { OwnerAt } from './owner.js';

/** Whether a run that ends takes an open request back: none that clears up a doubt, and none that outlasts it. */
export function isTakenBack(state: RunState, ordinal: RequestIndex, ownerAt: OwnerAt): boolean {
  const { recovery, revoked, step } = requestAt(state, ordinal);
  return !recovery && revoked === undefined && !ownerAt(state, step).outlastsRun;
}

/** Takes a request back. It stays open until its executor says whether it came in time. */
export function revoke(
  draft: DecisionDraft,
  ordinal: RequestIndex,
  because: 'cancelled' | 'timeout' | 'redacted' | 'answered',
): undefined {
  const { seq, step } = requestAt(draft.state, ordinal);
  const requestId = `${draft.key}/${seq}`;
  draft.emit(CallRevoked({ requestId, step: draft.definition(step).id, because }));
}
