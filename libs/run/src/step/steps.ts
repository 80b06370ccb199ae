import { type Failure, people } from '@interlock/contracts';
import { spend } from '../budget.js';
import type { StepIndex } from '../indices.js';
import { added, dropped } from '../lists.js';
import { changeScope, isTurnEndingAt, scopeHolding, scopesAround } from '../scope/scopes.js';
import { bodyAt, stepIn, stepPlacedAt, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { getItem, setItem } from '../tree.js';
import { kindAt } from './index.js';
import type { StepPhase, StepState, Work } from './state.js';

/** @throws the workflow has no such step */
export const stepAt = (state: RunState, step: StepIndex): StepState =>
  getItem(state.steps, step) ?? stepIn(state, step).initial;

/** The step with this path; undefined: the workflow has none, or the turn in which it stands is not open. */
export function findStep(state: RunState, path: string): StepIndex | undefined {
  const cut = path.lastIndexOf('/');
  const turn = cut < 0 ? undefined : path.slice(0, cut);
  const scope = turn === undefined ? undefined : state.scopes.findLast(({ place }) => place.path === turn);
  if (turn !== undefined && scope === undefined) return undefined;
  const position = bodyAt(state, scope?.place.body ?? 0).positionOf.get(path.slice(cut + 1));
  return position === undefined ? undefined : stepPlacedAt(scope?.place, position);
}

/** Whether it is there: a step of the workflow itself, or of a turn that is open. */
export const isStanding = (state: RunState, step: StepIndex): boolean =>
  step < workflowIndexOf(state.origin.compiled).all.length || scopeHolding(state, step) !== undefined;

/** @throws the workflow has no such step, or the turn in which it stands is not open */
export function stepNamed(state: RunState, path: string): StepIndex {
  const step = findStep(state, path);
  if (step === undefined) throw new Error(`the workflow of run ${state.origin.runId} has no step ${path}`);
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
    ...slaFrom(state, step),
    ...(work === undefined ? {} : { work }),
  });
  return { ...started, active: added(state.active, step), ready: dropped(state.ready, step) };
}

/** Its service level runs from its first start on. */
function slaFrom(state: RunState, step: StepIndex): Pick<StepState, 'sla'> {
  const { sla } = stepIn(state, step).definition;
  if (sla === undefined || stepAt(state, step).sla !== undefined) return {};
  return { sla: { due: state.time + sla.withinMs, at: 'running' } };
}

/** The generation of a step that is begun anew, with all that stands in its turns: none of them ever had it. */
export const nextGeneration = ({ generation, below = 0 }: StepState): number =>
  Math.max(generation, below) + 1;

/** It is begun anew. What is begun anew around it later comes behind it. */
export function beginGeneration(state: RunState, step: StepIndex, generation: number): RunState {
  const { startedAt, below: _, ...fresh } = stepAt(state, step);
  const begun = setStep(state, step, { ...fresh, generation });
  return scopesAround(state, step).reduce((around, { place: { owner } }) => {
    const { below = 0 } = stepAt(around, owner);
    return generation > below ? putStep(around, owner, { below: generation }) : around;
  }, begun);
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
  const isReady = before.unmet === 0 && !isTurnEndingAt(back, step);
  return isReady ? { ...back, ready: added(state.ready, step) } : back;
}

type Closed = Extract<StepPhase, { status: 'completed' | 'skipped' }>;

/** Completed or skipped: the steps that need it are one need nearer. */
export function closeStep(state: RunState, step: StepIndex, at: Closed): RunState {
  if (isClosed(stepAt(state, step))) return state;
  let next: RunState = {
    ...counted(enterStep(state, step, at), step),
    active: dropped(state.active, step),
    ready: dropped(state.ready, step),
    ...passing(state, step, at),
  };
  for (const dependent of stepIn(state, step).dependents) next = meetNeed(next, dependent);
  return next;
}

/** One more of the steps that stand together is closed. */
function counted(state: RunState, step: StepIndex): RunState {
  const scope = scopeHolding(state, step);
  if (scope === undefined) return { ...state, closed: state.closed + 1 };
  return changeScope(state, scope, { closed: scope.closed + 1 });
}

/** Behind a pivot nothing is undone. */
function passing(state: RunState, step: StepIndex, { status }: Closed): Pick<RunState, 'pivot'> {
  const { pivot, id } = stepIn(state, step).definition;
  return { pivot: status === 'completed' && pivot === true ? (state.pivot ?? id) : state.pivot };
}

function meetNeed(state: RunState, step: StepIndex): RunState {
  const next = putStep(state, step, { unmet: stepAt(state, step).unmet - 1 });
  return mayStart(next, step) ? { ...next, ready: added(next.ready, step) } : next;
}

export function mayStart(state: RunState, step: StepIndex): boolean {
  const { at, unmet, wanted } = stepAt(state, step);
  if (at.status !== 'pending' || unmet > 0 || isTurnEndingAt(state, step)) return false;
  return wanted === true || stepIn(state, step).definition.fallbackOnly !== true;
}

/** With one more who shaped it. */
export function shapeStep(state: RunState, step: StepIndex, ...by: readonly string[]): RunState {
  const { shapedBy = [] } = stepAt(state, step);
  return putStep(state, step, { shapedBy: people([...shapedBy, ...by]) });
}
