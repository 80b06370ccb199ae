import { type Decided, denied, recordVerdict } from '../call/verdicts.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { fallBack } from './decide.js';
import { denyPlan, openPlace } from './plans.js';

/** Says of a request to a model whether it may be made, or of a proposal whether it may be acted on. */
export function takePlanVerdict(emitter: Emitter, decided: Decided): undefined {
  const place = judgedPlace(emitter, decided);
  if (place === undefined) return;
  recordVerdict(emitter, place, decided);
  if (decided.verdict === 'allow' && decided.approval === undefined) return;
  const failure = denied(decided);
  if (decided.point === 'before') denyPlan(emitter, place, failure);
  else fallBack(emitter, place, failure);
}

function judgedPlace(emitter: Emitter, { point, checkId, requestId }: Decided): StepIndex | undefined {
  const { state, key } = emitter;
  if (point === 'before') {
    const place = checkId === requestId ? openPlace(emitter, requestId) : undefined;
    return place === undefined || emitter.step(place).agent!.plan!.isAllowed === true ? undefined : place;
  }
  return state.active.find((place) => {
    const answer = emitter.step(place).agent?.answer;
    return answer !== undefined && answer.isAllowed !== true && checkId === `${key}/${answer.seq}`;
  });
}
