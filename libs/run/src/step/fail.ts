import {
  type Failure,
  StepCompleted,
  StepFailed,
  StepFellBack,
  StepParked,
  StepSkipped,
} from '@interlock/contracts';
import { resolve } from '@interlock/language';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { outputTooLarge } from '../output.size.js';
import { scopeOf } from '../scope/scope.js';
import { completeStep } from './complete.js';
import { expressionFailure } from './tool/start.js';

/** Steps that a failure keeps from ever running are named in the log up to this number. */
const SKIPS_MAX = 50;

/** Ends a step of the workflow with a failure, by its `onFailure` or by what the failure's class says. */
export function failStep(emitter: Emitter, place: StepIndex, failure: Failure): undefined {
  const { id, onFailure } = emitter.definition(place);
  if (emitter.isEnding || emitter.isOverdue) return fail(emitter, place, failure);
  const answer = onFailure ?? { do: failure.class === 'unauthorized' ? 'escalate' : 'fail' };
  switch (answer.do) {
    case 'value': {
      const value = valueInstead(emitter, place, answer.value);
      if ('class' in value) return fail(emitter, place, value);
      emitter.emit(StepFellBack({ step: id, failure }));
      emitter.emit(StepCompleted({ step: id, output: value.output, via: 'value' }));
      return completeStep(emitter, place);
    }
    case 'fallback':
      emitter.emit(StepFellBack({ step: id, failure, to: answer.step }));
      return followFallback(emitter, place);
    case 'escalate':
      emitter.emit(StepParked({ step: id, because: 'escalated', failure }));
      return;
    case 'fail':
      return fail(emitter, place, failure);
  }
}

/** What the workflow gives in the place of the step's output; a failure when its expressions have no value, or too large a one. */
function valueInstead(
  emitter: Emitter,
  place: StepIndex,
  template: unknown,
): { readonly output: unknown } | Failure {
  try {
    const scope = scopeOf(emitter.state, emitter.plan.named[place]!);
    const output = resolve(template, scope, ['onFailure', 'value']);
    return outputTooLarge(output) ?? { output };
  } catch (error) {
    return expressionFailure(error);
  }
}

/** What a step's fallback has come to, if it has ended: for another step, or in a decision that had no room left. */
export function followFallback(emitter: Emitter, place: StepIndex): undefined {
  const other = emitter.plan.fallback[place]!;
  const { status } = emitter.step(other);
  if (status === 'completed') completeOwner(emitter, place, other);
  else if (status === 'skipped' || status === 'failed') fail(emitter, place, emitter.step(place).failure!);
}

/** A step whose fallback has completed completes with its output. */
export function completeOwner(emitter: Emitter, place: StepIndex, fallback: StepIndex): undefined {
  const { id } = emitter.definition(place);
  const { output } = emitter.step(fallback);
  emitter.emit(
    StepCompleted({ step: id, output, via: 'value', detail: `fallback ${emitter.definition(fallback).id}` }),
  );
  completeStep(emitter, place);
}

/** A step whose fallback was skipped fails as it would have without one. */
export const failOwner = (emitter: Emitter, place: StepIndex): void =>
  fail(emitter, place, emitter.step(place).failure!);

function fail(emitter: Emitter, place: StepIndex, failure: Failure): undefined {
  const alreadyEnding = emitter.isEnding;
  emitter.emit(StepFailed({ step: emitter.definition(place).id, failure }));
  if (!alreadyEnding) skipDependents(emitter, place);
}

function skipDependents(emitter: Emitter, place: StepIndex): undefined {
  const queue = [place];
  for (let skipped = 0, at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const dependent of emitter.plan.dependents[at]!) {
      if (emitter.step(dependent).status !== 'pending') continue;
      if (skipped >= SKIPS_MAX) return;
      skipped += 1;
      emitter.emit(StepSkipped({ step: emitter.definition(dependent).id, because: 'needs' }));
      queue.push(dependent);
    }
  }
}
