import { type StepPath, segmentsOf, stepPathOf } from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import { scopesAround } from '../scope/scopes.js';
import type { RunState } from '../state.js';
import type { Rename } from './same.js';

/** Where steps stand in the other version. */
export interface Move {
  /** @throws the other version has no such step: one that has begun is never left out */
  step(step: StepIndex): StepIndex;
  /** The step of the workflow itself around a step, in the version before. */
  outermost(step: StepIndex): StepIndex;
}

/** Steps of the workflow itself go to their places there; those of turns follow behind them, in their order. */
export function moveOf(
  before: RunState,
  target: CompiledWorkflow,
  places: readonly (StepIndex | undefined)[],
): Move {
  const own = before.origin.compiled.steps.length;
  const further = target.steps.length - own;
  return {
    step(step) {
      const place = step < own ? places[step] : ((step + further) as StepIndex);
      if (place === undefined)
        throw new Error(`${target.name}@${target.version} has no place for step ${step}`);
      return place;
    },
    outermost: (step) => scopesAround(before, step).at(-1)?.place.owner ?? step,
  };
}

/** The path of what stands in a step of the workflow itself that is called otherwise now. */
export function movedPath(path: string, rename: Rename): StepPath {
  const [first, ...rest] = segmentsOf(path) ?? [];
  if (first === undefined) throw new Error(`${path} is no path of a step`);
  return stepPathOf({ ...first, id: rename(first.id) }, ...rest);
}
