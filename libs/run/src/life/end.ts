import { type Failure, RunCancelled, RunCompleted, RunEscalated, RunFailed } from '@interlock/contracts';
import { ExpressionError, evaluateCondition, resolve, type Scope } from '@interlock/language';
import type { Emitter } from '../emitter.js';
import type {} from '../indices.js';
import { outcomeMark } from '../influence.js';
import { jsonBytes } from '../json-bytes.js';
import { endRolledBack, named, rollBack } from '../rollback/decide.js';
import { standingWrites } from '../rollback/standing.js';
import { scopeOf } from '../scope/scope.js';

/** An output has to fit into one event. */
const OUTPUT_BYTES_MAX = 400 * 1024;

/**
 * Ends the run when nothing is open: no request, no call in doubt, no check without its verdict, and every step closed,
 * unless the run is ending anyway. Then what it did is undone first.
 */
export function endWhenDone(emitter: Emitter): undefined {
  const { state, plan } = emitter;
  if (state.end !== null || state.openRequests.length > 0 || state.unjudged.length > 0) return;
  if (state.openPlans.length > 0) return;
  if (!emitter.isEnding) {
    if (state.closed === plan.steps.length && !emitter.isFull) complete(emitter);
    return;
  }
  for (const place of state.active) {
    const { check, call } = emitter.step(place);
    if (check !== undefined || call?.doubt !== undefined) return;
  }
  if (!rollBack(emitter)) endEnding(emitter);
}

function endEnding(emitter: Emitter): undefined {
  const { cancelling, failed, rollback } = emitter.state;
  const { failure, step } = failed ?? {};
  if (cancelling === null) (rollback === null ? endFailed : endRolledBack)(emitter, failure!, step);
  else if (rollback === null) endCancelled(emitter, cancelling.reason);
  else endRolledBack(emitter, cancelled(cancelling.reason));
}

function complete(emitter: Emitter): undefined {
  const { state, plan } = emitter;
  const { output: template, success } = state.origin.compiled;
  let output: unknown;
  try {
    output =
      template === undefined
        ? everyOutput(emitter)
        : resolve(template, scopeOf(state, plan.namedAtEnd), ['output']);
  } catch (error) {
    return failWhole(emitter, outputFailure(error));
  }
  const bytes = jsonBytes(output);
  if (bytes > OUTPUT_BYTES_MAX) {
    const message = `the run's output has ${bytes} bytes; at most ${OUTPUT_BYTES_MAX}`;
    return failWhole(emitter, { class: 'invalid_output', code: 'run.output_too_large', message });
  }
  const isSuccess = success === undefined || met(success, { ...scopeOf(state, plan.namedAtEnd), output });
  emitter.emit(RunCompleted({ output, success: isSuccess, ...outcomeMark(state) }));
}

/** Every step is closed, and the run fails all the same: what it did is undone. */
function failWhole(emitter: Emitter, failure: Failure): undefined {
  if (!rollBack(emitter, failure)) endFailed(emitter, failure);
}

function everyOutput({ state, plan }: Emitter): unknown {
  const { steps } = scopeOf(state, plan.all);
  return Object.fromEntries(
    Object.entries(steps).flatMap(([id, { output }]) => (output === undefined ? [] : [[id, output]])),
  );
}

/** A criterion without a value is not met. */
function met(success: string, scope: Scope): boolean {
  try {
    return evaluateCondition(success, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function outputFailure(error: unknown): Failure {
  if (!(error instanceof ExpressionError)) throw error;
  return { class: 'invalid_output', code: 'run.output', message: error.message };
}

function endFailed(emitter: Emitter, failure: Failure, step?: string): undefined {
  const standing = writesThatStand(emitter);
  const at = step === undefined ? {} : { step };
  const forPeople = standing.length > 0 || failure.class === 'internal';
  emitter.emit(forPeople ? RunEscalated({ failure, ...at, standing }) : RunFailed({ failure, ...at }));
}

function endCancelled(emitter: Emitter, reason: string): undefined {
  const standing = writesThatStand(emitter);
  if (standing.length === 0) {
    emitter.emit(RunCancelled({ reason }));
    return;
  }
  const message = `cancelled after writes had happened: ${reason}`.slice(0, 4_000);
  emitter.emit(RunEscalated({ failure: cancelled(message), standing }));
}

const cancelled = (message: string): Failure => ({ class: 'cancelled', code: 'run.cancelled', message });

const writesThatStand = (emitter: Emitter) =>
  standingWrites(emitter.state).map((write) => named(emitter, write));
