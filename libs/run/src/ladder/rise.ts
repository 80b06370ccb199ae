import { OperatorEscalated } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { RunState } from '../state.js';
import { openWaits } from '../waiting.js';
import { isRisen, type Parked } from './roles.js';

/** What waits for an operator and has not risen; nothing where the workflow names nobody else. */
function waiting(state: RunState): readonly Parked[] {
  if (state.origin.compiled.escalation?.rises === undefined) return [];
  return openWaits(state).filter((wait) => wait.kind === 'operator' && !isRisen(state, wait));
}

/** When the next of them is due to rise, UTC ms; infinity: none. */
export function riseDue(state: RunState): number {
  const afterMs = state.origin.compiled.escalation?.rises?.afterMs ?? Number.POSITIVE_INFINITY;
  return waiting(state).reduce((due, { since }) => Math.min(due, since + afterMs), Number.POSITIVE_INFINITY);
}

/** Asks others to look at what nobody has decided on in time. */
export function rise(draft: DecisionDraft): undefined {
  const { rises } = draft.state.origin.compiled.escalation ?? {};
  if (rises === undefined) return;
  for (const { step, since } of waiting(draft.state)) {
    if (draft.isFull) return;
    if (draft.now < since + rises.afterMs) continue;
    draft.emit(OperatorEscalated({ ...(step === '' ? {} : { step }), since, to: [...rises.to] }));
  }
}
