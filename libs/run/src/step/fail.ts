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
import { fitting } from '../output.size.js';
import { stepIn } from '../scope/workflow.index.js';
import { isEscalatedBreach } from '../sla/sla.js';
import type { RunState } from '../state.js';
import { completeStep } from './complete.js';
import { isClosed, stepAt } from './steps.js';
import { expressionFailure } from './tool/start.js';

/** Steps that a failure keeps from ever running are named in the log up to this number. */
const SKIPS_MAX = 50;

/** Ends a step of the workflow with a failure, by its `onFailure` or by what the failure's class says. */
export function failStep(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  const { id, onFailure } = draft.definition(step);
  if (isClosed(draft.step(step))) return;
  if (draft.isEndingAt(step) || draft.isOverdue) return fail(draft, step, failure);
  if (isEscalatedBreach(draft, step, failure)) {
    draft.emit(StepParked({ step: id, because: 'escalated', failure }));
    return;
  }
  const answer = onFailure ?? { do: failure.class === 'unauthorized' ? 'escalate' : 'fail' };
  switch (answer.do) {
    case 'value': {
      const isGiven = draft.whenAtHand(id, () => {
        const value = valueInstead(draft, step, answer.value);
        if ('class' in value) return fail(draft, step, value);
        draft.emit(StepFellBack({ step: id, failure }));
        giveValue(draft, step, value);
      });
      if (!isGiven) draft.emit(StepFellBack({ step: id, failure }));
      return;
    }
    case 'fallback':
      draft.emit(StepFellBack({ step: id, failure, to: siblingOf(id, answer.step) }));
      return followFallback(draft, step);
    case 'escalate':
      draft.emit(StepParked({ step: id, because: 'escalated', failure }));
      return;
    case 'fail':
      return fail(draft, step, failure);
  }
}

function giveValue(draft: DecisionDraft, step: StepIndex, value: { readonly output: unknown }): undefined {
  draft.emit(StepCompleted({ step: draft.definition(step).id, output: value.output, via: 'value' }));
  return completeStep(draft, step);
}

/** It has failed, and the value of its `onFailure` waits for values that are kept outside of the log. */
export const owesValue = (state: RunState, step: StepIndex): boolean =>
  stepAt(state, step).at.status === 'fell_back' && stepIn(state, step).definition.onFailure?.do === 'value';

export function giveOwed(draft: DecisionDraft, step: StepIndex): undefined {
  const { onFailure } = draft.definition(step);
  if (onFailure?.do !== 'value') return;
  const value = valueInstead(draft, step, onFailure.value);
  return 'class' in value ? fail(draft, step, value) : giveValue(draft, step, value);
}

/** The path of a step that stands beside another. */
const siblingOf = (path: string, id: string): string => `${path.slice(0, path.lastIndexOf('/') + 1)}${id}`;

/** What the workflow gives in the step of the step's output; a failure when its expressions have no value, or too large a one. */
function valueInstead(
  draft: DecisionDraft,
  step: StepIndex,
  template: unknown,
): { readonly output: unknown } | Failure {
  try {
    const scope = draft.scopeOf(step);
    const output = resolve(template, scope, ['onFailure', 'value']);
    return fitting(draft, output);
  } catch (error) {
    return expressionFailure(error);
  }
}

/** What a step's fallback has come to, if it has ended: for another step, or in a decision that had no room left. */
export function followFallback(draft: DecisionDraft, step: StepIndex): undefined {
  const { fallback } = draft.indexed(step);
  if (fallback === undefined) return;
  const { status } = draft.step(fallback).at;
  if (status === 'completed') completeWithFallback(draft, step, fallback);
  else if (status === 'skipped' || status === 'failed') failWithoutFallback(draft, step);
}

/** A step whose fallback has completed completes with its output. */
export function completeWithFallback(draft: DecisionDraft, step: StepIndex, fallback: StepIndex): undefined {
  const { id } = draft.definition(step);
  const { at } = draft.step(fallback);
  const output = at.status === 'completed' ? at.output : null;
  draft.emit(
    StepCompleted({ step: id, output, via: 'value', detail: `fallback ${draft.definition(fallback).id}` }),
  );
  completeStep(draft, step);
}

/** A step whose fallback was skipped or has failed fails as it would have without one. */
export function failWithoutFallback(draft: DecisionDraft, step: StepIndex): undefined {
  const { at } = draft.step(step);
  if (at.status === 'fell_back') fail(draft, step, at.failure);
}

function fail(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  const { owner } = draft.indexed(step);
  const alreadyEnding = draft.isEndingAt(step);
  draft.emit(StepFailed({ step: draft.definition(step).id, failure }));
  // The steps of a turn are gone with it.
  if (!alreadyEnding && owner === undefined) skipDependents(draft, step);
}

function skipDependents(draft: DecisionDraft, step: StepIndex): undefined {
  const queue = [step];
  for (let skipped = 0, at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const dependent of draft.indexed(at).dependents) {
      if (draft.step(dependent).at.status !== 'pending') continue;
      if (skipped >= SKIPS_MAX) return;
      skipped += 1;
      draft.emit(StepSkipped({ step: draft.definition(dependent).id, because: 'needs' }));
      queue.push(dependent);
    }
  }
}
