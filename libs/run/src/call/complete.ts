import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';

/** Tells the owner of a performed call once its after-check allows and everything it needs is closed. */
export function completeWhenAllowed(draft: DecisionDraft, place: StepIndex): undefined {
  const { status, checked, unmet, call } = draft.step(place);
  if (status !== 'running' || checked !== true || unmet > 0 || call?.phase !== 'over') return;
  draft.owner(place).happened(draft, place);
}
