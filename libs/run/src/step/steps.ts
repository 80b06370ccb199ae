import { type Failure, people } from '@interlock/contracts';
import { spend } from '../budget.js';
import type { StepIndex } from '../indices.js';
import { added, dropped } from '../lists.js';
import { stepIn, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { getItem, setItem } from '../tree.js';
import { kindAt } from './index.js';
import type { StepPhase, StepState, Work } from './state.js';

/** @throws the workflow has no such step */
export const stepAt = (state: RunState, step: StepIndex): StepState =>
  getItem(state.steps, step) ?? stepIn(state.origin.compiled, step).initial;

/** @throws the workflow has no such step */
export function stepNamed({ origin }: RunState, id: string): StepIndex {
  const step = workflowIndexOf(origin.compiled).indexOf.get(id);
  if (step === undefined) throw new Error(`the workflow of run ${origin.runId} has no step ${id}`);
  return step;
}

export const setStep = (state: RunState, step: StepIndex, to: StepState): RunState => ({
  ...state,
  steps: setItem(state.steps, step, to),
});

export const putStep = (state: RunState, step: StepIndex, change: Partial<StepState>): RunState =>
  setStep(state, step, { ...stepAt(state, step), ...change });

export const enterStep = (state: RunState, step: StepIndex, at: StepPhase): RunState =>
  putStep(state, step, { at, since: state.time });

/** Its failure, or the one that its output stands in for; undefined: it has none. */
export function failureOf({ at }: StepState): Failure | undefined {
  if ('failure' in at) return at.failure;
  return at.status === 'completed' ? at.insteadOf : undefined;
}

export const isClosed = ({ at }: StepState): boolean => at.status === 'completed' || at.status === 'skipped';

/** A step that starts: counted once, also when it is taken back and started again. */
export function startStep(
  state: RunState,
  step: StepIndex,
  status: 'running' | 'waiting',
  work?: Work,
): RunState {
  const { startedAt } = stepAt(state, step);
  const counted = startedAt === undefined ? spend(state, { steps: state.spent.steps + 1 }) : state;
  const started = putStep(enterStep(counted, step, { status }), step, {
    startedAt: startedAt ?? state.time,
    ...(work === undefined ? {} : { work }),
  });
  return { ...started, active: added(state.active, step), ready: dropped(state.ready, step) };
}

/** Back to where it was before it started, with what its kind keeps. */
export function resetStep(state: RunState, step: StepIndex): RunState {
  const { work, ...before } = stepAt(state, step);
  const kept = work === undefined ? undefined : kindAt(state, step).rested?.(work);
  const pending = setStep(state, step, {
    ...before,
    ...(kept === undefined ? {} : { work: kept }),
    at: { status: 'pending' },
    since: state.time,
  });
  const back = { ...pending, active: dropped(state.active, step) };
  return before.unmet === 0 ? { ...back, ready: added(state.ready, step) } : back;
}

type Closed = Extract<StepPhase, { status: 'completed' | 'skipped' }>;

/** Completed or skipped: the steps that need it are one need nearer. */
export function closeStep(state: RunState, step: StepIndex, at: Closed): RunState {
  if (isClosed(stepAt(state, step))) return state;
  let next: RunState = {
    ...enterStep(state, step, at),
    closed: state.closed + 1,
    active: dropped(state.active, step),
    ready: dropped(state.ready, step),
  };
  for (const dependent of stepIn(state.origin.compiled, step).dependents) next = meetNeed(next, dependent);
  return next;
}

function meetNeed(state: RunState, step: StepIndex): RunState {
  const next = putStep(state, step, { unmet: stepAt(state, step).unmet - 1 });
  return mayStart(next, step) ? { ...next, ready: added(next.ready, step) } : next;
}

export function mayStart(state: RunState, step: StepIndex): boolean {
  const { at, unmet, wanted } = stepAt(state, step);
  if (at.status !== 'pending' || unmet > 0) return false;
  return wanted === true || stepIn(state.origin.compiled, step).definition.fallbackOnly !== true;
}

/** With one more who shaped it. */
export function shapeStep(state: RunState, step: StepIndex, ...by: readonly string[]): RunState {
  const { shapedBy = [] } = stepAt(state, step);
  return putStep(state, step, { shapedBy: people([...shapedBy, ...by]) });
}
