import {
  ChildUndoRequested,
  CompensationFailed,
  type Failure,
  RollbackStarted,
  RunEscalated,
  RunRolledBack,
  StepCompensated,
} from '@interlock/contracts';
import { argumentsOf } from '../call/arguments.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { resumableMark } from '../life/resumable.js';
import { requestCompensation } from './request.js';
import { standingWrites, undoneWrites } from './standing.js';
import { type CallWrite, isOfCall, isOfChild, type Rollback, type Write } from './state.js';
import { callWriteAt, nextWrite, rollbackOf, undoneBy, writeAt, writesToUndo } from './writes.js';

/*
 * I14: what happened is undone in the exact reverse of the order in which the records say that it happened, one write at
 * a time. A write that turns out to have happened meanwhile happened last, so it is undone next. If a write cannot be undone it stands, and
 * the rest is undone all the same.
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
    const { writes, children } = namedAll(draft, writesToUndo(draft.state));
    draft.emit(
      RollbackStarted({ because, ...(failure === undefined ? {} : { failure }), writes, ...children }),
    );
  }
  while (!draft.isFull) {
    const { call, child } = rollbackOf(draft.state);
    if (child !== undefined) return true;
    if (call !== undefined && !settled(draft, call)) return true;
    const write = nextWrite(draft.state);
    if (write === undefined) return false;
    undo(draft, writeAt(draft.state, write));
  }
  return true;
}

function causeOf(draft: DecisionDraft): Rollback['because'] | undefined {
  const { cancelling } = draft.state;
  if (nextWrite(draft.state) === undefined || passedPivot(draft) !== undefined) return undefined;
  if (cancelling === null) return 'failed';
  return cancelling.rollback ? 'cancelled' : undefined;
}

/** Whether a pivot step has completed: behind it nothing is undone. */
export function passedPivot(draft: DecisionDraft): string | undefined {
  return draft.state.pivot ?? undefined;
}

function named(draft: DecisionDraft, { call }: CallWrite) {
  const { step, tool } = draft.called(call);
  return { step, tool, callHash: draft.call(call).hash };
}

/** Calls and children as events name them, both in this order. */
export function namedAll(draft: DecisionDraft, all: readonly Write[]) {
  const children = all.filter(isOfChild).map(({ step, child }) => ({ step, runId: child }));
  return {
    writes: all.filter(isOfCall).map((write) => named(draft, write)),
    children: children.length === 0 ? {} : { children },
  };
}

/** Whether the compensation has ended and its outcome is allowed, so that it is recorded. */
function settled(draft: DecisionDraft, call: CallIndex): boolean {
  const { at, hash: by } = draft.call(call);
  if (at.phase !== 'happened' || at.check?.isAllowed !== true) return false;
  const { hash: callHash } = draft.call(callWriteAt(draft.state, undoneBy(draft.state, call)).call);
  draft.emit(StepCompensated({ step: draft.called(call).step, callHash, by }));
  return true;
}

function undo(draft: DecisionDraft, write: Write): undefined {
  if (isOfCall(write)) return undoCall(draft, write);
  const { step, child: runId } = write;
  const { runId: parent } = draft.state.origin;
  draft.emit(ChildUndoRequested({ step, runId, reason: `run ${parent} above it undoes what it did` }));
}

function undoCall(draft: DecisionDraft, write: CallWrite): undefined {
  const { step, tool, compensate } = draft.called(write.call);
  const { hash: callHash } = draft.call(write.call);
  const stand = (reason: string, message: string): undefined => {
    const failure: Failure = { class: 'internal', code: `compensation.${reason}`, message };
    draft.emit(CompensationFailed({ step, callHash, failure }));
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
  if (hash === callHash) stand('same_call', `it is the very call that it is to undo`);
}

/** Ends a run after its rollback. */
export function endRolledBack(draft: DecisionDraft, cause: Failure, step?: string): undefined {
  const { because } = rollbackOf(draft.state);
  const at = step === undefined ? {} : { step };
  const undone = undoneWrites(draft.state);
  const standing = standingWrites(draft.state);
  if (standing.length === 0) {
    const { writes, children } = namedAll(draft, undone);
    draft.emit(RunRolledBack({ because, failure: cause, ...at, undone: writes, ...children }));
    return;
  }
  const all = standing.length + undone.length;
  const why = `${cause.class} ${cause.code}: ${cause.message}`;
  const message = `${standing.length} of ${all} writes could not be undone after ${why}`.slice(0, 4_000);
  const failure: Failure = { class: cause.class, code: 'compensation_failed', message };
  const { writes, children } = namedAll(draft, standing);
  draft.emit(RunEscalated({ failure, ...at, standing: writes, ...children, ...resumableMark(draft) }));
}
