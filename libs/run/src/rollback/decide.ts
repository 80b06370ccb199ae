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
import type { DecisionDraft } from '../decision.draft.js';
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
export function rollBack(draft: DecisionDraft, failure?: Failure): boolean {
  if (draft.state.rollback === null) {
    const because = causeOf(draft);
    if (because === undefined) return false;
    const writes = writesToUndo(draft.state).map((write) => named(draft, write));
    draft.emit(RollbackStarted({ because, ...(failure === undefined ? {} : { failure }), writes }));
  }
  while (!draft.isFull) {
    const { place } = draft.state.rollback!;
    if (place !== undefined && !settled(draft, place)) return true;
    const ordinal = nextWrite(draft.state);
    if (ordinal === undefined) return false;
    undo(draft, writeAt(draft.state, ordinal));
  }
  return true;
}

function causeOf(draft: DecisionDraft): Rollback['because'] | undefined {
  const { cancelling } = draft.state;
  if (nextWrite(draft.state) === undefined || passedPivot(draft) !== undefined) return undefined;
  if (cancelling === null) return 'failed';
  return cancelling.rollback ? 'cancelled' : undefined;
}

/** A completed step behind which there is only forward. */
export function passedPivot(draft: DecisionDraft): string | undefined {
  const { pivots, steps } = draft.workflow;
  const passed = pivots.find((place) => draft.step(place).status === 'completed');
  return passed === undefined ? undefined : steps[passed]!.id;
}

export const named = (draft: DecisionDraft, { step: place, hash: callHash }: Write) => {
  const { id: step, tool } = draft.definition(place) as CompiledToolStep;
  return { step, tool, callHash };
};

/** Whether the compensation has come to its end, and its outcome is allowed: then it is on record. */
function settled(draft: DecisionDraft, place: StepIndex): boolean {
  const { call, checked, undoes } = draft.step(place);
  if (call?.result !== 'happened' || checked !== true) return false;
  const { hash: callHash } = writeAt(draft.state, undoes!);
  draft.emit(StepCompensated({ step: draft.definition(place).id, callHash, by: call.hash }));
  return true;
}

function undo(draft: DecisionDraft, write: Write): undefined {
  const { id: step, tool, compensate } = draft.definition(write.step) as CompiledToolStep;
  const stand = (reason: string, message: string): undefined => {
    const failure: Failure = { class: 'internal', code: `compensation.${reason}`, message };
    draft.emit(CompensationFailed({ step, callHash: write.hash, failure }));
  };
  const { compensation } = write;
  if (compensate === undefined) return stand('none', `${tool} declares nothing that undoes it`);
  if (compensation === undefined) return stand('unknown', `nobody knows the call that undoes this ${tool}`);
  const { tool: pin } = compensate;
  if (compensation.tool !== pin.name) {
    return stand('unpinned', `it names ${compensation.tool}, and the workflow has pinned ${pin.name}`);
  }
  const made = argumentsOf(draft, pin, compensation.arguments);
  if ('class' in made) return stand('refused', made.message);
  const hash = requestCompensation(draft, write, pin, made.arguments);
  if (hash === write.hash) stand('same_call', `it is the very call that it is to undo`);
}

/** Ends a run after its rollback. */
export function endRolledBack(draft: DecisionDraft, cause: Failure, step?: string): undefined {
  const { because } = draft.state.rollback!;
  const at = step === undefined ? {} : { step };
  const undone = undoneWrites(draft.state).map((write) => named(draft, write));
  const standing = standingWrites(draft.state).map((write) => named(draft, write));
  if (standing.length === 0) {
    draft.emit(RunRolledBack({ because, failure: cause, ...at, undone }));
    return;
  }
  const all = standing.length + undone.length;
  const why = `${cause.class} ${cause.code}: ${cause.message}`;
  const message = `${standing.length} of ${all} writes could not be undone after ${why}`.slice(0, 4_000);
  const failure: Failure = { class: cause.class, code: 'compensation_failed', message };
  draft.emit(RunEscalated({ failure, ...at, standing }));
}
