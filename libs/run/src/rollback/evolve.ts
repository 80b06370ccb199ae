import type { Compensation, CompensationFailed, MessageOf, RollbackStarted } from '@interlock/contracts';
import { dropped, putStep, without } from '../edit.js';
import type { StepIndex, WriteIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.index.js';
import type { RequestState, RunState } from '../state.js';
import { getItem, indexIn, itemsOf, nextIndex, pushItem, setItem } from '../tree.js';
import type { Write } from './state.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export const writeAt = ({ writes }: RunState, ordinal: WriteIndex): Write => getItem(writes, ordinal)!;

/** A step's write has happened. */
export function writeHappened(
  state: RunState,
  callRequest: RequestState,
  compensation?: Compensation,
): RunState {
  if (callRequest.effect !== 'write') return state;
  const { step, hash, generation } = callRequest;
  const write: Write = { step, hash, generation, ...(compensation === undefined ? {} : { compensation }) };
  const writes = pushItem(state.writes, write);
  const rollback = state.rollback && { ...state.rollback, below: writes.size };
  return { ...state, writes, rollback };
}

/** A person went on without knowing whether it has happened. */
export function writeAbandoned(state: RunState, { step, hash, generation }: RequestState): RunState {
  return { ...state, writes: pushItem(state.writes, { step, hash, generation, abandoned: true }) };
}

function newest(
  state: RunState,
  matches: (write: Write) => boolean,
  below: number = state.writes.size,
): WriteIndex | undefined {
  for (let at = below - 1; at >= 0; at -= 1) {
    const ordinal = indexIn(state.writes, at)!;
    if (matches(writeAt(state, ordinal))) return ordinal;
  }
  return undefined;
}

const isToUndo = ({ abandoned, settled }: Write): boolean => abandoned !== true && settled === undefined;

/** Ordinal of the write that is undone next: the last that happened of those that still stand unsettled. */
export const nextWrite = (state: RunState): WriteIndex | undefined =>
  newest(state, isToUndo, state.rollback?.below);

/** All that is to be undone, in the order of undoing. */
export function writesToUndo(state: RunState): Write[] {
  return itemsOf(state.writes).filter(isToUndo).reverse();
}

export const rollbackStarted = (
  state: RunState,
  { because, failure }: Data<typeof RollbackStarted>,
): RunState => ({
  ...state,
  failed: failure === undefined ? state.failed : { failure },
  rollback: { because, at: state.time, below: state.writes.size },
});

/** The place of the compensation under way, or a new one for the write that is next. */
export function undoingPlace(state: RunState): readonly [RunState, StepIndex] {
  const rollback = state.rollback!;
  if (rollback.place !== undefined) return [state, rollback.place];
  const place = nextIndex(state.steps);
  const undoes = nextWrite(state)!;
  const { generation } = writeAt(state, undoes);
  const began = { since: state.time, startedAt: state.time };
  const steps = pushItem(state.steps, { status: 'pending', unmet: 0, generation, undoes, ...began });
  return [{ ...state, steps, rollback: { ...rollback, place } }, place];
}

/** What undid it is known. If its step ever makes that call again, it is another call. */
export function stepCompensated(state: RunState): RunState {
  const write = writeAt(state, turn(state));
  const settled = settle(state, 'undone');
  const { generation } = stepAt(settled, write.step);
  return putStep(settled, write.step, { generation: Math.max(generation, write.generation + 1) });
}

export const compensationFailed = (
  state: RunState,
  { failure }: Data<typeof CompensationFailed>,
): RunState => {
  const place = state.rollback?.place;
  const settled = settle(state, 'standing');
  return place === undefined ? settled : putStep(settled, place, { failure });
};

/** Ordinal of the write whose turn it is. What comes to light while it is being undone waits. */
function turn(state: RunState): WriteIndex {
  const { place } = state.rollback!;
  return place === undefined ? nextWrite(state)! : stepAt(state, place).undoes!;
}

function settle(state: RunState, as: 'undone' | 'standing'): RunState {
  const ordinal = turn(state);
  const write = { ...writeAt(state, ordinal), settled: { as, seq: state.seq } };
  const below = nextWrite(state) === ordinal ? ordinal : state.rollback!.below;
  const rollback = { ...state.rollback!, below };
  const next = { ...state, writes: setItem(state.writes, ordinal, write), rollback };
  const { place } = rollback;
  if (place === undefined) return next;
  const status = as === 'undone' ? 'completed' : 'failed';
  const closed = putStep(next, place, { status, since: state.time });
  return { ...closed, active: dropped(state.active, place), rollback: without(rollback, 'place') };
}
