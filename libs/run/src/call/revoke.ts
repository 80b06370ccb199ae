import { CallRevoked } from '@interlock/contracts';
import { requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
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
  emitter: Emitter,
  ordinal: RequestIndex,
  because: 'cancelled' | 'timeout' | 'redacted' | 'answered',
): undefined {
  const { seq, step } = requestAt(emitter.state, ordinal);
  const requestId = `${emitter.key}/${seq}`;
  emitter.emit(CallRevoked({ requestId, step: emitter.definition(step).id, because }));
}
