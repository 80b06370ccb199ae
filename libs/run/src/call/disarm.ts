import { CallDisarmed } from '@interlock/contracts';
import { armAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { ArmIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { OwnerAt } from './owner.js';

/** Whether a run that ends takes an open arming back: none that clears up a doubt, and none that outlasts it. */
export function isTakenBack(state: RunState, ordinal: ArmIndex, ownerAt: OwnerAt): boolean {
  const { recovery, disarmed, step } = armAt(state, ordinal);
  return !recovery && disarmed === undefined && !ownerAt(state, step).outlastsRun;
}

/** Takes an arming back. It stays open until its executor says whether it came in time. */
export function disarm(
  emitter: Emitter,
  ordinal: ArmIndex,
  because: 'cancelled' | 'timeout' | 'redacted' | 'answered',
): undefined {
  const { seq, step } = armAt(emitter.state, ordinal);
  const armId = `${emitter.key}/${seq}`;
  emitter.emit(CallDisarmed({ armId, step: emitter.definition(step).id, because }));
}
