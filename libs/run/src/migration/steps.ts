import type { CompiledWorkflow } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import { stepPlacedAt, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import type { StepState } from '../step/state.js';
import { isClosed, stepAt } from '../step/steps.js';
import { emptyTree, getItem, indexIn, setItem, type Tree } from '../tree.js';
import type { Move } from './move.js';

/** What is known of the steps, each at its place in the other version; what those of the workflow itself wait for is counted anew. */
export function movedSteps(
  before: RunState,
  target: CompiledWorkflow,
  places: readonly (StepIndex | undefined)[],
  move: Move,
): Tree<StepState, StepIndex> {
  const own = before.origin.compiled.steps.length;
  const [body] = workflowIndexOf(target).bodies;
  const known = new Map<number, StepState>();
  for (const [at, place] of places.entries())
    if (place !== undefined) known.set(place, stepAt(before, stepPlacedAt(undefined, at)));
  let steps = emptyTree<StepState, StepIndex>(before.steps.size - own + target.steps.length);
  for (const [at, { needs }] of (body?.steps ?? []).entries()) {
    const unmet = needs.filter((need) => !isDone(known.get(need))).length;
    const of = known.get(at) ?? FRESH;
    steps = setItem(steps, stepPlacedAt(undefined, at), { ...of, unmet });
  }
  for (let at = own; at < before.steps.size; at += 1) {
    const index = indexIn(before.steps, at);
    const of = index === undefined ? undefined : getItem(before.steps, index);
    if (index !== undefined && of !== undefined) steps = setItem(steps, move.step(index), of);
  }
  return steps;
}

const FRESH: StepState = { since: 0, unmet: 0, generation: 1, at: { status: 'pending' } };

const isDone = (of: StepState | undefined): boolean => of !== undefined && isClosed(of);
