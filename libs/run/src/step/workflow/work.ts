import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import { indicesOf } from '../../tree.js';
import type { Work } from '../state.js';
import { isStanding, stepAt } from '../steps.js';

/** What a step keeps of the child that it has started. */
export interface ChildWork extends Work {
  readonly kind: 'workflow';
  /** Absent: other children hold what is left of the budget. */
  readonly child?: string;
  /** Of a child that has completed. */
  readonly output?: unknown;
}

const isChild = (work: Work | undefined): work is ChildWork => work?.kind === 'workflow';

/** undefined: it has not started. */
export function childOf(state: RunState, step: StepIndex): ChildWork | undefined {
  const { work } = stepAt(state, step);
  return isChild(work) ? work : undefined;
}

/** Children of the steps that the run still knows, by the ids of the steps. */
export const childrenOfSteps = (
  state: RunState,
  nameOf: (step: StepIndex) => string,
): readonly { readonly runId: string; readonly step: string }[] =>
  indicesOf(state.steps).flatMap((step) => {
    if (!isStanding(state, step)) return [];
    const child = childOf(state, step)?.child;
    return child === undefined ? [] : [{ runId: child, step: nameOf(step) }];
  });
