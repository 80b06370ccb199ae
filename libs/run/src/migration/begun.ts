import type { StepIndex } from '../indices.js';
import { outermost } from '../life/reopen.plan.js';
import { isOfCall } from '../rollback/state.js';
import { stepOf } from '../scope/called.js';
import { scopesAround } from '../scope/scopes.js';
import { workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { stepAt } from '../step/steps.js';
import { getItem, indicesOf, itemsOf } from '../tree.js';

/** Steps of the workflow itself in whose name something was done or is being done: each has its place in every later version. */
export function begunSteps(state: RunState): ReadonlySet<StepIndex> {
  const { all } = workflowIndexOf(state.origin.compiled);
  const begun = new Set(all.filter((step) => isMoved(state, step)));
  for (const call of indicesOf(state.calls)) {
    if (getItem(state.calls, call) === undefined) continue;
    const step = stepOf(state, call);
    begun.add(scopesAround(state, step).at(-1)?.place.owner ?? step);
  }
  for (const write of itemsOf(state.writes)) {
    const step = isOfCall(write) ? undefined : outermost(state, write.step);
    if (step !== undefined) begun.add(step);
  }
  return begun;
}

function isMoved(state: RunState, step: StepIndex): boolean {
  const { at, startedAt, generation, work } = stepAt(state, step);
  return at.status !== 'pending' || startedAt !== undefined || generation > 1 || work !== undefined;
}
