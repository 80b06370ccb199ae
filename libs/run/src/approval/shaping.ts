import { people } from '@interlock/contracts';
import type { StepIndex } from '../indices.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { stepAt } from '../step/steps.js';
import { itemsOf } from '../tree.js';

/*
 * Separation of duties: nobody who shaped what people are asked about may vote on it. A step is shaped by who sent the signal it
 * took, retried it, skipped it or answered its question; a call by all who shaped what it follows from, and by who started the
 * run. This says rather too many than too few: a step follows from every step that it needs, names or stands in for.
 */

/**
 * Everybody who shaped what people are asked, the one who started the run first.
 * @param step for which they are asked; undefined: it follows from the whole run
 */
export function shapersOf(state: RunState, step: StepIndex | undefined): string[] {
  const shaped =
    step === undefined ? itemsOf(state.steps) : [...upstream(state, step)].map((at) => stepAt(state, at));
  const by = shaped.flatMap(({ shapedBy = [] }) => shapedBy);
  const cancelledBy = step !== undefined || state.cancelling === null ? [] : [state.cancelling.by];
  return people([state.origin.by.sub, ...(state.origin.shapedBy ?? []), ...by, ...cancelledBy]);
}

/** The steps that the arguments of this one derive from, and itself. */
function upstream(state: RunState, step: StepIndex): ReadonlySet<StepIndex> {
  const found = new Set([step]);
  for (const at of found) {
    const { needs, named, standsInFor, fallback, owner } = stepIn(state, at);
    const others = [fallback, owner].filter((other) => other !== undefined);
    for (const other of [...needs, ...named, ...standsInFor, ...others]) found.add(other);
  }
  return found;
}
