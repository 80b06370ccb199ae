import type { DataOf, EvolveBy } from '../evolving.js';
import type { RunState } from '../state.js';
import { openWaits } from '../waiting.js';

/** Only of what waits still: what is decided on leaves nothing behind. */
function operatorEscalated(state: RunState, { step: path, since }: DataOf<'operator.escalated'>): RunState {
  const step: string = path ?? '';
  const waits = openWaits(state);
  const kept = (state.risen ?? []).filter((one) =>
    waits.some((wait) => wait.step === one.step && wait.since === one.since),
  );
  return { ...state, risen: [...kept, { step, since }] };
}

export const ladderEvents: EvolveBy<'operator.escalated'> = { 'operator.escalated': operatorEscalated };
