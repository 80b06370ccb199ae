import { type Decided, denied, recordVerdict } from '../call/verdicts.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { fallBack } from './decide.js';
import { denyPlan, openPlace } from './plans.js';

/** Says of a request to a model whether it may be made, or of a proposal whether it may be acted on. */
export function onPlanVerdict(draft: DecisionDraft, decided: Decided): undefined {
  const place = judgedPlace(draft, decided);
  if (place === undefined) return;
  recordVerdict(draft, place, decided);
  if (decided.verdict === 'allow' && decided.approval === undefined) return;
  const failure = denied(decided);
  if (decided.point === 'before') denyPlan(draft, place, failure);
  else fallBack(draft, place, failure);
}

function judgedPlace(draft: DecisionDraft, { point, checkId, requestId }: Decided): StepIndex | undefined {
  const { state, key } = draft;
  if (point === 'before') {
    const place = checkId === requestId ? openPlace(draft, requestId) : undefined;
    return place === undefined || draft.step(place).agent!.plan!.isAllowed === true ? undefined : place;
  }
  return state.active.find((place) => {
    const answer = draft.step(place).agent?.answer;
    return answer !== undefined && answer.isAllowed !== true && checkId === `${key}/${answer.seq}`;
  });
}
