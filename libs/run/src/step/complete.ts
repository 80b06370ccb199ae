import { StepSkipped } from '@interlock/contracts';
import { completeWhenAllowed } from '../call/complete.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { isClosed } from '../scope/workflow.index.js';
import { completeOwner, failOwner } from './fail.js';

/** What follows once a step is completed or skipped. */
export function completeStep(draft: DecisionDraft, place: StepIndex): undefined {
  const { workflow } = draft;
  for (const owner of workflow.owners[place]!) {
    if (draft.isFull) break;
    if (draft.step(owner).status !== 'fell_back') continue;
    if (draft.step(place).status === 'completed') completeOwner(draft, owner, place);
    else failOwner(draft, owner);
  }
  const fallback = workflow.fallback[place];
  if (fallback !== undefined) skipUnneeded(draft, fallback);
  for (const dependent of workflow.dependents[place]!) completeWhenAllowed(draft, dependent);
}

function skipUnneeded(draft: DecisionDraft, fallback: StepIndex): undefined {
  const { status, wanted } = draft.step(fallback);
  if (status !== 'pending' || wanted === true) return;
  if (!draft.workflow.owners[fallback]!.every((owner) => isClosed(draft.step(owner)))) return;
  draft.emit(StepSkipped({ step: draft.definition(fallback).id, because: 'not_needed' }));
  completeStep(draft, fallback);
}
