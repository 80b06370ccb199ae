import { CallDisarmed } from '@interlock/contracts';
import type { Emitter } from '../emitter.js';
import { armAt } from '../evolve/edit.js';

/** Takes an arming back. It stays open until its executor says whether it came in time. */
export function disarm(
  emitter: Emitter,
  ordinal: number,
  because: 'cancelled' | 'timeout' | 'redacted' | 'answered',
): undefined {
  const { seq, step } = armAt(emitter.state, ordinal);
  const armId = `${emitter.key}/${seq}`;
  emitter.emit(CallDisarmed({ armId, step: emitter.definition(step).id, because }));
}
