import { StepSkipped } from '@interlock/contracts';
import { completeWhenAllowed } from '../call/complete.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { callOf } from '../scope/called.js';
import { completeWithFallback, failWithoutFallback } from './fail.js';
import { isClosed } from './steps.js';

/** What follows once a step is completed or skipped. */
export function completeStep(draft: DecisionDraft, step: StepIndex): undefined {
  const { standsInFor, fallback, dependents } = draft.indexed(step);
  for (const other of standsInFor) {
    if (draft.isFull) break;
    if (draft.step(other).at.status !== 'fell_back') continue;
    if (draft.step(step).at.status === 'completed') completeWithFallback(draft, other, step);
    else failWithoutFallback(draft, other);
  }
  if (fallback !== undefined) skipUnneeded(draft, fallback);
  for (const dependent of dependents) {
    const call = callOf(draft.state, dependent);
    if (call !== undefined) completeWhenAllowed(draft, call);
  }
}

function skipUnneeded(draft: DecisionDraft, fallback: StepIndex): undefined {
  const { at, wanted } = draft.step(fallback);
  const { definition, standsInFor } = draft.indexed(fallback);
  if (at.status !== 'pending' || wanted === true) return;
  if (!standsInFor.every((step) => isClosed(draft.step(step)))) return;
  draft.emit(StepSkipped({ step: definition.id, because: 'not_needed' }));
  completeStep(draft, fallback);
}
