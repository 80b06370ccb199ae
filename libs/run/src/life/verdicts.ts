import { judgedRequestOf } from '@interlock/contracts';
import { onPlanVerdict } from '../agent/verdicts.js';
import { findRequest } from '../call/requests.js';
import { type Decided, onCallVerdict } from '../call/verdicts.js';
import type { DecisionDraft } from '../decision.draft.js';

/** Records a verdict on one of this run's open checks, and what follows. Shadow verdicts decide nothing. */
export function onVerdict(draft: DecisionDraft, decided: Decided): undefined {
  if (decided.mode !== 'enforce') return;
  const request = findRequest(draft.state, judgedRequestOf(decided));
  if (request === undefined) onPlanVerdict(draft, decided);
  else onCallVerdict(draft, request, decided);
}
