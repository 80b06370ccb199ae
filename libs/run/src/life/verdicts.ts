import { takePlanVerdict } from '../agent/verdicts.js';
import { type Decided, takeCallVerdict } from '../call/verdicts.js';
import { findRequest } from '../edit.js';
import type { Emitter } from '../emitter.js';

/** Records a verdict on one of this run's open checks, and what follows. Shadow verdicts decide nothing. */
export function takeVerdict(emitter: Emitter, decided: Decided): undefined {
  if (decided.mode !== 'enforce') return;
  const ordinal = findRequest(emitter.state, decided.requestId);
  if (ordinal === undefined) takePlanVerdict(emitter, decided);
  else takeCallVerdict(emitter, ordinal, decided);
}
