import { type Decided, denied, recordVerdict } from '../call/verdicts.js';
import type { DecisionDraft } from '../decision.draft.js';
import { eventIdOf } from '../ids.js';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { findAgent, openPlanAt } from './agents.js';
import { fallBack } from './decide.js';
import { denyPlan, openStep } from './plans.js';

/** Says of a request to a model whether it may be made, or of a proposal whether it may be acted on. */
export function onPlanVerdict(draft: DecisionDraft, decided: Decided): undefined {
  const step = judgedStep(draft, decided);
  if (step === undefined) return;
  recordVerdict(draft, draft.definition(step).id, decided);
  if (decided.verdict === 'allow' && decided.approval === undefined) return;
  const failure = denied(decided);
  if (decided.point === 'before') denyPlan(draft, step, failure);
  else fallBack(draft, step, failure);
}

function judgedStep(draft: DecisionDraft, { point, checkId }: Decided): StepIndex | undefined {
  const { state } = draft;
  if (point === 'after') return state.active.find((step) => isAskedAbout(state, step, checkId));
  const step = openStep(draft, checkId);
  return step === undefined || openPlanAt(state, step).isAllowed === true ? undefined : step;
}

/** Whether the check asks about a proposal of this step that waits to be judged. */
export function isAskedAbout(state: RunState, step: StepIndex, checkId: string | undefined): boolean {
  const { at } = findAgent(state, step) ?? {};
  return at?.phase === 'proposed' && checkId === eventIdOf(state.origin.runId, at.answer.seq);
}
