import { StepSkipped } from '@interlock/contracts';
import { completeWhenAllowed } from '../call/complete.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { isClosed } from '../scope/workflow.plan.js';
import { completeOwner, failOwner } from './fail.js';

/** What follows once a step is completed or skipped. */
export function completeStep(emitter: Emitter, place: StepIndex): undefined {
  const { plan } = emitter;
  for (const owner of plan.owners[place]!) {
    if (emitter.isFull) break;
    if (emitter.step(owner).status !== 'fell_back') continue;
    if (emitter.step(place).status === 'completed') completeOwner(emitter, owner, place);
    else failOwner(emitter, owner);
  }
  const fallback = plan.fallback[place];
  if (fallback !== undefined) skipUnneeded(emitter, fallback);
  for (const dependent of plan.dependents[place]!) completeWhenAllowed(emitter, dependent);
}

function skipUnneeded(emitter: Emitter, fallback: StepIndex): undefined {
  const { status, wanted } = emitter.step(fallback);
  if (status !== 'pending' || wanted === true) return;
  if (!emitter.plan.owners[fallback]!.every((owner) => isClosed(emitter.step(owner)))) return;
  emitter.emit(StepSkipped({ step: emitter.definition(fallback).id, because: 'not_needed' }));
  completeStep(emitter, fallback);
}
