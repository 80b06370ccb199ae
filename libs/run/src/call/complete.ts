import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';

/** Tells the owner of a performed call once its after-check allows and everything it needs is closed. */
export function completeWhenAllowed(emitter: Emitter, place: StepIndex): undefined {
  const { status, checked, unmet, call } = emitter.step(place);
  if (status !== 'running' || checked !== true || unmet > 0 || call?.phase !== 'over') return;
  emitter.owner(place).happened(emitter, place);
}
