import { people } from '@interlock/contracts';
import type { OwnerAt } from '../call/owner.js';
import type { StepIndex } from '../indices.js';
import { stepAt, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState, StepState } from '../state.js';
import { indicesOf } from '../tree.js';

/*
 * Separation of duties: nobody who shaped what people are asked about may vote on it. A step is shaped by who sent the signal it
 * took, retried it, skipped it or answered its question; a call by all who shaped what it follows from, and by who started the
 * run. This says rather too many than too few: a step follows from every step that it needs, names or stands in for.
 */

/** With one more who shaped it. */
export const shaped = (
  { shapedBy = [] }: StepState,
  ...by: readonly string[]
): Pick<StepState, 'shapedBy'> => ({
  shapedBy: people([...shapedBy, ...by]),
});

/** Everybody who shaped what the step at `place` asks for, the one who started the run first. */
export function shapersOf(state: RunState, place: StepIndex, ownerAt: OwnerAt): string[] {
  const step = ownerAt(state, place).step(state, place);
  const by = [...origins(state, step, ownerAt)].flatMap((at) => stepAt(state, at).shapedBy ?? []);
  const cancelledBy = step !== undefined || state.cancelling === null ? [] : [state.cancelling.by];
  return people([state.origin.by.sub, ...by, ...cancelledBy]);
}

/** The places that the step's arguments derive from, including itself and calls made for it. Without a step: all places. */
function origins(state: RunState, step: StepIndex | undefined, ownerAt: OwnerAt): ReadonlySet<StepIndex> {
  if (step === undefined) return new Set(indicesOf(state.steps));
  const { steps } = workflowIndexOf(state.origin.compiled);
  const found = upstream(state, step);
  for (const at of indicesOf(state.steps).slice(steps.length)) {
    const madeFor = ownerAt(state, at).step(state, at);
    if (madeFor !== undefined && found.has(madeFor)) found.add(at);
  }
  return found;
}

/** Over the places of the workflow's own steps. */
function upstream(state: RunState, place: StepIndex): Set<StepIndex> {
  const { needs, named, owners, fallback } = workflowIndexOf(state.origin.compiled);
  const found = new Set([place]);
  for (const at of found) {
    const standsIn = fallback[at] === undefined ? [] : [fallback[at]];
    for (const other of [...needs[at]!, ...named[at]!, ...owners[at]!, ...standsIn]) found.add(other);
  }
  return found;
}
