import { segmentsOf } from '@interlock/contracts';
import type { StepIndex } from '../indices.js';
import { isOfCall, type Write } from '../rollback/state.js';
import { calledAt, stepOf } from '../scope/called.js';
import { scopesAround } from '../scope/scopes.js';
import { stepIn, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { kindAt } from '../step/index.js';
import { findStep, isClosed, stepAt } from '../step/steps.js';
import { itemsOf } from '../tree.js';

/**
 * The steps of the workflow that begin anew when a run is taken up again from one: that step, every one that has not closed, and
 * whatever comes after any of them. In the order of the workflow.
 */
export function stepsAnew(state: RunState, from: StepIndex): readonly StepIndex[] {
  const { all } = workflowIndexOf(state.origin.compiled);
  const anew = new Set<StepIndex>();
  const queue = [from, ...all.filter((step) => isLeftOpen(state, step))];
  for (let step = queue.pop(); step !== undefined; step = queue.pop()) {
    if (anew.has(step)) continue;
    anew.add(step);
    const { dependents, fallback } = stepIn(state, step);
    queue.push(...dependents, ...(fallback === undefined ? [] : [fallback]));
  }
  return all.filter((step) => anew.has(step));
}

/** It had begun, and neither completed nor was skipped. */
function isLeftOpen(state: RunState, step: StepIndex): boolean {
  const of = stepAt(state, step);
  return !isClosed(of) && of.at.status !== 'pending';
}

/** The step of the workflow itself that a path leads into. */
export const outermost = (state: RunState, path: string): StepIndex | undefined =>
  findStep(state, path.split(/[/[#]/)[0] ?? '');

/** It was not undone. */
export const stands = ({ settled }: Write): boolean => settled?.as !== 'undone';

/** What a step of the workflow wrote, in any of its generations and turns. */
export const writesOfStep = (state: RunState, step: StepIndex): readonly Write[] =>
  itemsOf(state.writes).filter((write) => stepOfWrite(state, write) === step);

function stepOfWrite(state: RunState, write: Write): StepIndex | undefined {
  if (!isOfCall(write)) return outermost(state, write.step);
  const step = stepOf(state, write.call);
  return scopesAround(state, step).at(-1)?.place.owner ?? step;
}

/** Paths of the writes that stand in turns of the step, and would be made again if it began anew. */
export function writesMadeAgain(state: RunState, step: StepIndex): readonly string[] {
  const { turns } = kindAt(state, step);
  if (turns === undefined) return [];
  const { id } = stepIn(state, step).definition;
  const { work } = stepAt(state, step);
  return itemsOf(state.writes).flatMap((write) => {
    const path = isOfCall(write) ? calledAt(state, write.call).step : write.step;
    const isMadeAgain =
      stands(write) && isInTurnOf(id, path) && turns.keeps?.(work, itemIn(id, path)) !== true;
    return isMadeAgain ? [path] : [];
  });
}

const isInTurnOf = (step: string, path: string): boolean =>
  path.startsWith(step) && '[#/'.includes(path[step.length] ?? ' ');

/** Number of the item of the step that the path leads through. */
function itemIn(step: string, path: string): number | undefined {
  const segment = segmentsOf(path)?.[step.split('/').length - 1];
  return segment !== undefined && 'item' in segment ? segment.item : undefined;
}
