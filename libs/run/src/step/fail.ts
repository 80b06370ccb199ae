import {
  type Failure,
  StepCompleted,
  StepFailed,
  StepFellBack,
  StepParked,
  StepSkipped,
} from '@interlock/contracts';
import { resolve } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { outputTooLarge } from '../output.size.js';
import { scopeOf } from '../scope/scope.js';
import { completeStep } from './complete.js';
import { expressionFailure } from './tool/start.js';

/** Steps that a failure keeps from ever running are named in the log up to this number. */
const SKIPS_MAX = 50;

/** Ends a step of the workflow with a failure, by its `onFailure` or by what the failure's class says. */
export function failStep(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  const { id, onFailure } = draft.definition(place);
  if (draft.isEnding || draft.isOverdue) return fail(draft, place, failure);
  const answer = onFailure ?? { do: failure.class === 'unauthorized' ? 'escalate' : 'fail' };
  switch (answer.do) {
    case 'value': {
      const value = valueInstead(draft, place, answer.value);
      if ('class' in value) return fail(draft, place, value);
      draft.emit(StepFellBack({ step: id, failure }));
      draft.emit(StepCompleted({ step: id, output: value.output, via: 'value' }));
      return completeStep(draft, place);
    }
    case 'fallback':
      draft.emit(StepFellBack({ step: id, failure, to: answer.step }));
      return followFallback(draft, place);
    case 'escalate':
      draft.emit(StepParked({ step: id, because: 'escalated', failure }));
      return;
    case 'fail':
      return fail(draft, place, failure);
  }
}

/** What the workflow gives in the place of the step's output; a failure when its expressions have no value, or too large a one. */
function valueInstead(
  draft: DecisionDraft,
  place: StepIndex,
  template: unknown,
): { readonly output: unknown } | Failure {
  try {
    const scope = scopeOf(draft.state, draft.workflow.named[place]!);
    const output = resolve(template, scope, ['onFailure', 'value']);
    return outputTooLarge(output) ?? { output };
  } catch (error) {
    return expressionFailure(error);
  }
}

/** What a step's fallback has come to, if it has ended: for another step, or in a decision that had no room left. */
export function followFallback(draft: DecisionDraft, place: StepIndex): undefined {
  const other = draft.workflow.fallback[place]!;
  const { status } = draft.step(other);
  if (status === 'completed') completeOwner(draft, place, other);
  else if (status === 'skipped' || status === 'failed') fail(draft, place, draft.step(place).failure!);
}

/** A step whose fallback has completed completes with its output. */
export function completeOwner(draft: DecisionDraft, place: StepIndex, fallback: StepIndex): undefined {
  const { id } = draft.definition(place);
  const { output } = draft.step(fallback);
  draft.emit(
    StepCompleted({ step: id, output, via: 'value', detail: `fallback ${draft.definition(fallback).id}` }),
  );
  completeStep(draft, place);
}

/** A step whose fallback was skipped fails as it would have without one. */
export const failOwner = (draft: DecisionDraft, place: StepIndex): void =>
  fail(draft, place, draft.step(place).failure!);

function fail(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  const alreadyEnding = draft.isEnding;
  draft.emit(StepFailed({ step: draft.definition(place).id, failure }));
  if (!alreadyEnding) skipDependents(draft, place);
}

function skipDependents(draft: DecisionDraft, place: StepIndex): undefined {
  const queue = [place];
  for (let skipped = 0, at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const dependent of draft.workflow.dependents[at]!) {
      if (draft.step(dependent).status !== 'pending') continue;
      if (skipped >= SKIPS_MAX) return;
      skipped += 1;
      draft.emit(StepSkipped({ step: draft.definition(dependent).id, because: 'needs' }));
      queue.push(dependent);
    }
  }
}
