import {
  CompensationFailed,
  type Failure,
  RollbackStarted,
  RunEscalated,
  RunRolledBack,
  StepCompensated,
} from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { argumentsOf } from '../call/arguments.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { requestCompensation } from '../rollback/request.js';
import { nextWrite, writeAt, writesToUndo } from './evolve.js';
import { standingWrites, undoneWrites } from './standing.js';
import type { Rollback, Write } from './state.js';

/*
 * I14: what happened is undone in the exact reverse of the order in which the records say that it happened, one write at
 * a time. A write that comes to light meanwhile happened last, so it is next. What cannot be undone stands, and the rest
 * is undone all the same.
 */

/**
 * Undoes the next write of a run that has nothing else open.
 * @param failure why the run fails, where no step has failed
 * @returns false when there is nothing to undo, or no more
 */
export function rollBack(emitter: Emitter, failure?: Failure): boolean {
  if (emitter.state.rollback === null) {
    const because = causeOf(emitter);
    if (because === undefined) return false;
    const writes = writesToUndo(emitter.state).map((write) => named(emitter, write));
    emitter.emit(RollbackStarted({ because, ...(failure === undefined ? {} : { failure }), writes }));
  }
  while (!emitter.isFull) {
    const { place } = emitter.state.rollback!;
    if (place !== undefined && !settled(emitter, place)) return true;
    const ordinal = nextWrite(emitter.state);
    if (ordinal === undefined) return false;
    undo(emitter, writeAt(emitter.state, ordinal));
  }
  return true;
}

function causeOf(emitter: Emitter): Rollback['because'] | undefined {
  const { cancelling } = emitter.state;
  if (nextWrite(emitter.state) === undefined || passedPivot(emitter) !== undefined) return undefined;
  if (cancelling === null) return 'failed';
  return cancelling.rollback ? 'cancelled' : undefined;
}

/** A completed step behind which there is only forward. */
export function passedPivot(emitter: Emitter): string | undefined {
  const { pivots, steps } = emitter.plan;
  const passed = pivots.find((place) => emitter.step(place).status === 'completed');
  return passed === undefined ? undefined : steps[passed]!.id;
}

export const named = (emitter: Emitter, { step: place, hash: callHash }: Write) => {
  const { id: step, tool } = emitter.definition(place) as CompiledToolStep;
  return { step, tool, callHash };
};

/** Whether the compensation has come to its end, and its outcome is allowed: then it is on record. */
function settled(emitter: Emitter, place: StepIndex): boolean {
  const { call, checked, undoes } = emitter.step(place);
  if (call?.result !== 'happened' || checked !== true) return false;
  const { hash: callHash } = writeAt(emitter.state, undoes!);
  emitter.emit(StepCompensated({ step: emitter.definition(place).id, callHash, by: call.hash }));
  return true;
}

function undo(emitter: Emitter, write: Write): undefined {
  const { id: step, tool, compensate } = emitter.definition(write.step) as CompiledToolStep;
  const stand = (reason: string, message: string): undefined => {
    const failure: Failure = { class: 'internal', code: `compensation.${reason}`, message };
    emitter.emit(CompensationFailed({ step, callHash: write.hash, failure }));
  };
  const { compensation } = write;
  if (compensate === undefined) return stand('none', `${tool} declares nothing that undoes it`);
  if (compensation === undefined) return stand('unknown', `nobody knows the call that undoes this ${tool}`);
  const { tool: pin } = compensate;
  if (compensation.tool !== pin.name) {
    return stand('unpinned', `it names ${compensation.tool}, and the workflow has pinned ${pin.name}`);
  }
  const made = argumentsOf(emitter, pin, compensation.arguments);
  if ('class' in made) return stand('refused', made.message);
  const hash = requestCompensation(emitter, write, pin, made.arguments);
  if (hash === write.hash) stand('same_call', `it is the very call that it is to undo`);
}

/** Ends a run after its rollback. */
export function endRolledBack(emitter: Emitter, cause: Failure, step?: string): undefined {
  const { because } = emitter.state.rollback!;
  const at = step === undefined ? {} : { step };
  const undone = undoneWrites(emitter.state).map((write) => named(emitter, write));
  const standing = standingWrites(emitter.state).map((write) => named(emitter, write));
  if (standing.length === 0) {
    emitter.emit(RunRolledBack({ because, failure: cause, ...at, undone }));
    return;
  }
  const all = standing.length + undone.length;
  const why = `${cause.class} ${cause.code}: ${cause.message}`;
  const message = `${standing.length} of ${all} writes could not be undone after ${why}`.slice(0, 4_000);
  const failure: Failure = { class: cause.class, code: 'compensation_failed', message };
  emitter.emit(RunEscalated({ failure, ...at, standing }));
}
