import type { Compensation } from '@interlock/contracts';
import { callAt } from '../call/calls.js';
import type { For } from '../call/state.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { CallIndex, WriteIndex } from '../indices.js';
import { without } from '../lists.js';
import { calledAt, stepOf } from '../scope/called.js';
import type { RunState } from '../state.js';
import { putStep, stepAt } from '../step/steps.js';
import { pushItem, setItem } from '../tree.js';
import type { CallWrite, ChildWrite } from './state.js';
import { callWriteAt, childWriteOf, nextWrite, rollbackOf, undoneBy, writeAt } from './writes.js';

/** A step's call has happened; only a write is to be undone. */
export function writeHappened(state: RunState, call: CallIndex, compensation?: Compensation): RunState {
  if (calledAt(state, call).effect !== 'write') return state;
  const write: CallWrite = { call, ...(compensation === undefined ? {} : { compensation }) };
  const writes = pushItem(state.writes, write);
  const rollback = state.rollback && { ...state.rollback, below: writes.size };
  return { ...state, writes, rollback };
}

/** A child has ended, and something that it did stands: undone in its turn, if it completed. */
export function childWrote(state: RunState, { child, step }: ChildWrite, canBeUndone: boolean): RunState {
  const settled = { as: 'standing', seq: state.seq } as const;
  const write: ChildWrite = canBeUndone ? { child, step } : { child, step, settled };
  return { ...state, writes: pushItem(state.writes, write) };
}

/** A person went on without knowing whether it has happened. */
export const writeAbandoned = (state: RunState, call: CallIndex): RunState => ({
  ...state,
  writes: pushItem(state.writes, { call, abandoned: true }),
});

const rollbackStarted = (state: RunState, { because, failure }: DataOf<'rollback.started'>): RunState => ({
  ...state,
  failed: failure === undefined ? state.failed : { failure },
  rollback: { because, startedAt: state.time, below: state.writes.size },
});

/** The compensation that a request is for: the one under way, or a new one for the write that is next. */
export function undoingCall(state: RunState): For {
  const { call } = rollbackOf(state);
  return { owner: { kind: 'compensation', write: current(state) }, call };
}

export const compensationRequested = (state: RunState, call: CallIndex): RunState => ({
  ...state,
  rollback: { ...rollbackOf(state), call },
});

/** The write is undone. If its step makes that call again, it is another call. */
function stepCompensated(state: RunState): RunState {
  const { call } = callWriteAt(state, current(state));
  const settled = settle(state, 'undone');
  if (callAt(settled, call).owner.kind === 'past') return settled;
  const step = stepOf(settled, call);
  const generation = Math.max(stepAt(settled, step).generation, callAt(settled, call).generation + 1);
  return putStep(settled, step, { generation });
}

const compensationFailed = (state: RunState): RunState => settle(state, 'standing');

/** The write that is being undone, or is next. What comes to light while it is being undone waits. */
function current(state: RunState): WriteIndex {
  const { call, child } = rollbackOf(state);
  if (child !== undefined) return childWriteOf(state, child);
  const write = call === undefined ? nextWrite(state) : undoneBy(state, call);
  if (write === undefined) throw new Error(`run ${state.origin.runId} has nothing left to undo`);
  return write;
}

function settle(state: RunState, as: 'undone' | 'standing'): RunState {
  const index = current(state);
  const rollback = rollbackOf(state);
  const write = { ...writeAt(state, index), settled: { as, seq: state.seq } };
  const below = nextWrite(state) === index ? index : rollback.below;
  return {
    ...state,
    writes: setItem(state.writes, index, write),
    rollback: { ...without(rollback, 'call', 'child'), below },
  };
}

const childUndoRequested = (state: RunState, { runId }: DataOf<'child.undo_requested'>): RunState => ({
  ...state,
  rollback: { ...rollbackOf(state), child: runId },
});

const childUndone = (state: RunState, { failure }: DataOf<'child.undone'>): RunState =>
  settle(state, failure === undefined ? 'undone' : 'standing');

export const rollbackEvents: EvolveBy<
  | 'rollback.started'
  | 'step.compensated'
  | 'step.compensation_failed'
  | 'child.undo_requested'
  | 'child.undone'
> = {
  'rollback.started': rollbackStarted,
  'step.compensated': stepCompensated,
  'step.compensation_failed': compensationFailed,
  'child.undo_requested': childUndoRequested,
  'child.undone': childUndone,
};
