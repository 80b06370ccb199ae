import { onPlanVerdict } from '../agent/verdicts.js';
import { type Decided, onCallVerdict } from '../call/verdicts.js';
import type { DecisionDraft } from '../decision.draft.js';
import { findRequest } from '../edit.js';

/** Records a verdict on one of this run's open checks, and what follows. Shadow verdicts decide nothing. */
export function onVerdict(draft: DecisionDraft, decided: Decided): undefined {
  if (decided.mode !== 'enforce') return;
  const ordinal = findRequest(draft.state, decided.requestId);
  if (ordinal === undefined) onPlanVerdict(draft, decided);
  else onCallVerdict(draft, ordinal, decided);
}
