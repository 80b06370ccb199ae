import { type Failure, RunCancelled, RunCompleted, RunEscalated, RunFailed } from '@interlock/contracts';
import { ExpressionError, evaluateCondition, resolve, type Scope } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import { outcomeMark } from '../influence.js';
import { jsonBytes } from '../json-bytes.js';
import { moreWith } from '../output.size.js';
import { endRolledBack, namedAll, rollBack } from '../rollback/decide.js';
import { standingWrites } from '../rollback/standing.js';
import type { Write } from '../rollback/state.js';
import { scopeAtEnd } from '../scope/scope.js';
import { UnreadableValue } from '../values/unreadable.js';
import { resumableMark } from './resumable.js';
import { isAnswered, isSettled } from './settled.js';

/** What waits for the values that the output of the run is made of. */
export const WAITING_END = '';

/** An output has to fit into one event. */
const OUTPUT_BYTES_MAX = 400 * 1024;

/**
 * Ends the run when nothing is open: no request, no call in doubt, no check without its verdict, and every step closed,
 * unless the run is ending anyway. Then what it did is undone first.
 */
export function endWhenDone(draft: DecisionDraft): undefined {
  const { state, workflow } = draft;
  if (state.end !== null || !isAnswered(state)) return;
  if (!draft.isEnding) {
    const isWhole = state.closed === workflow.all.length && !draft.isFull;
    if (isWhole) draft.whenAtHand(WAITING_END, () => complete(draft));
    return;
  }
  if (isSettled(state) && !rollBack(draft)) endEnding(draft);
}

function endEnding(draft: DecisionDraft): undefined {
  const { cancelling, failed, rollback } = draft.state;
  if (cancelling === null) {
    if (failed !== null) (rollback === null ? endFailed : endRolledBack)(draft, failed.failure, failed.step);
  } else if (rollback === null) endCancelled(draft, cancelling.reason);
  else endRolledBack(draft, cancelled(cancelling.reason));
}

function complete(draft: DecisionDraft): undefined {
  const { state, workflow } = draft;
  const { output: template, success } = state.origin.compiled;
  let whole: unknown;
  let output: unknown;
  try {
    whole =
      template === undefined
        ? everyOutput(draft)
        : resolve(template, scopeAtEnd(state, workflow.namedAtEnd, draft.values), ['output']);
    output = draft.values.kept(whole);
  } catch (error) {
    return failWhole(draft, outputFailure(error));
  }
  const bytes = jsonBytes(output);
  if (bytes > OUTPUT_BYTES_MAX) {
    const message = `the run's output has ${bytes} bytes; at most ${OUTPUT_BYTES_MAX}${moreWith(draft)}`;
    return failWhole(draft, { class: 'invalid_output', code: 'run.output_too_large', message });
  }
  const isSuccess =
    success === undefined ||
    met(success, { ...scopeAtEnd(state, workflow.namedAtEnd, draft.values), output: whole });
  draft.emit(RunCompleted({ output, success: isSuccess, ...outcomeMark(state) }));
}

/** Every step is closed, and the run fails all the same: what it did is undone. */
function failWhole(draft: DecisionDraft, failure: Failure): undefined {
  if (!rollBack(draft, failure)) endFailed(draft, failure);
}

function everyOutput({ state, workflow, values }: DecisionDraft): unknown {
  const { steps } = scopeAtEnd(state, workflow.all, values);
  return Object.fromEntries(
    Object.entries(steps).flatMap(([id, { output }]) => (output === undefined ? [] : [[id, output]])),
  );
}

/** A success criterion without a value is not met. */
function met(success: string, scope: Scope): boolean {
  try {
    return evaluateCondition(success, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function outputFailure(error: unknown): Failure {
  if (error instanceof UnreadableValue) return error.failure;
  if (!(error instanceof ExpressionError)) throw error;
  return { class: 'invalid_output', code: 'run.output', message: error.message };
}

function endFailed(draft: DecisionDraft, failure: Failure, step?: string): undefined {
  const standing = standingWrites(draft.state);
  const at = step === undefined ? {} : { step };
  const forPeople = standing.length > 0 || failure.class === 'internal';
  draft.emit(
    forPeople
      ? escalated(draft, standing, { failure, ...at })
      : RunFailed({ failure, ...at, ...resumableMark(draft) }),
  );
}

function endCancelled(draft: DecisionDraft, reason: string): undefined {
  const standing = standingWrites(draft.state);
  if (standing.length === 0) {
    draft.emit(RunCancelled({ reason }));
    return;
  }
  const message = `cancelled after writes had happened: ${reason}`.slice(0, 4_000);
  draft.emit(escalated(draft, standing, { failure: cancelled(message) }));
}

function escalated(
  draft: DecisionDraft,
  standing: readonly Write[],
  because: { readonly failure: Failure; readonly step?: string },
) {
  const { writes, children } = namedAll(draft, standing);
  return RunEscalated({ ...because, standing: writes, ...children, ...resumableMark(draft) } as Parameters<
    typeof RunEscalated
  >[0]);
}

const cancelled = (message: string): Failure => ({ class: 'cancelled', code: 'run.cancelled', message });
