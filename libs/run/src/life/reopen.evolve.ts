import { happenedOf } from '../call/calls.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { StepIndex, WriteIndex } from '../indices.js';
import { without } from '../lists.js';
import { isOfCall } from '../rollback/state.js';
import { writeAt } from '../rollback/writes.js';
import { stepIn, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { kindAt } from '../step/index.js';
import { isClosed, mayStart, nextGeneration, setStep, shapeStep, stepAt, stepNamed } from '../step/steps.js';
import { indicesOf, itemsOf, setItem } from '../tree.js';
import { forgotten } from './end.evolve.js';
import { stepsAnew, writesOfStep } from './reopen.plan.js';

/** Whoever takes it up has shaped what begins anew, like somebody who retries a step. */
function reopened(before: RunState, { from, deadline, by }: DataOf<'run.reopened'>): RunState {
  const anew = stepsAnew(before, stepNamed(before, from));
  const origin = { ...before.origin, deadline };
  const open = { failed: null, cancelling: null, end: null, reopened: before.seq };
  const state = { ...without(before, 'undoing'), origin, ...open };
  const shaped = anew.reduce(
    (known, step) => shapeStep(begunAnew(known, step), step, by.sub),
    retriable(state),
  );
  return counted(shaped, anew);
}

/** What could not be undone is tried again, should the run have to undo what it did once more. */
function retriable(state: RunState): RunState {
  let { writes } = state;
  for (const index of indicesOf(writes)) {
    const write = writeAt(state, index);
    if (write.settled?.as !== 'standing' || mayBeCompensated(state, index)) continue;
    writes = setItem(writes, index, isOfCall(write) ? without(write, 'settled') : without(write, 'settled'));
  }
  return { ...state, writes };
}

/** The call that undoes it was made, or a person let it go without knowing whether it was: made again it might take effect twice. */
const mayBeCompensated = ({ calls }: RunState, write: WriteIndex): boolean =>
  itemsOf(calls).some(
    (call) =>
      call.owner.kind === 'compensation' &&
      call.owner.write === write &&
      (happenedOf(call) !== undefined || call.at.phase === 'abandoned'),
  );

/** Pending again, as another generation if it had begun, whose service level begins anew. What its kind keeps of it stays, unless that tells of writes which were undone. */
function begunAnew(state: RunState, step: StepIndex): RunState {
  const before = stepAt(state, step);
  const { work, startedAt, wanted: _, sla: _past, below: _below, generation, ...rest } = before;
  const isUntouched = writesOfStep(state, step).length === 0;
  const kept = work !== undefined && isUntouched ? kindAt(state, step).rested?.(work) : undefined;
  return setStep(state, step, {
    ...rest,
    generation: startedAt === undefined ? generation : nextGeneration(before),
    ...(kept === undefined ? {} : { work: kept }),
    at: { status: 'pending' },
    since: state.time,
  });
}

/** Which steps may start, and how many are closed, worked out from what they are now. */
function counted(before: RunState, anew: readonly StepIndex[]): RunState {
  let state = before;
  for (const step of anew) {
    const unmet = stepIn(state, step).needs.filter((need) => !isClosed(stepAt(state, need))).length;
    state = setStep(state, step, { ...stepAt(state, step), unmet });
  }
  const { all } = workflowIndexOf(state.origin.compiled);
  const closed = all.filter((step) => isClosed(stepAt(state, step))).length;
  return { ...state, closed, active: [], ready: all.filter((step) => mayStart(state, step)) };
}

export const reopenEvents: EvolveBy<'run.reopened' | 'run.closed' | 'run.lapsed'> = {
  'run.reopened': reopened,
  'run.closed': (state, { by, reason }, folding) => {
    if (state.end === null) return state;
    const closed = { by: by.sub, reason, at: state.time };
    return forgotten({ ...state, end: { ...without(state.end, 'resumable'), closed } }, folding);
  },
  'run.lapsed': (state, _, folding) =>
    state.end === null ? state : forgotten({ ...state, end: without(state.end, 'resumable') }, folding),
};
