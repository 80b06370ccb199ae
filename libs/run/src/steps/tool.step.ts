import type { Failure } from '@interlock/contracts';
import { type CompiledToolStep, ExpressionError, resolve } from '@interlock/language';
import { armCall } from '../decide/arm.js';
import { failStep } from '../decide/fail.js';
import type { Emitter } from '../emitter.js';
import { jsonBytes } from '../json-bytes.js';
import { scopeOf } from '../scope.js';

/** As JSON. More than this nobody judges, and an arming has to fit into one event. */
const ARGUMENTS_BYTES_MAX = 256 * 1024;

/**
 * Resolves the arguments and arms the call.
 * @param needs after-checks asked for in this decision. With them nothing fails yet: what is wrong now may be right
 *   once they are decided
 */
export function startTool(emitter: Emitter, place: number, needs: readonly string[] = []): undefined {
  const step = emitter.definition(place) as CompiledToolStep;
  let args: unknown;
  try {
    args = resolve(step.with, scopeOf(emitter.state, emitter.plan.named[place]!), ['with']);
  } catch (error) {
    const failure = expressionFailure(error);
    return needs.length > 0 ? undefined : failStep(emitter, place, failure);
  }
  const refused = tooLarge(args) ?? armCall(emitter, place, args, needs);
  if (refused !== undefined && needs.length === 0) failStep(emitter, place, refused);
}

/** What stands against arguments that nobody could judge. */
export function tooLarge(args: unknown): Failure | undefined {
  const bytes = jsonBytes(args);
  if (bytes <= ARGUMENTS_BYTES_MAX) return undefined;
  const message = `the arguments have ${bytes} bytes; at most ${ARGUMENTS_BYTES_MAX}`;
  return { class: 'invalid_input', code: 'arguments.too_large', message };
}

/** @throws anything but an expression's failure */
export function expressionFailure(error: unknown): Failure {
  if (!(error instanceof ExpressionError)) throw error;
  const { path, expression, message } = error;
  const where = path === '' ? expression : `${path}: ${expression}`;
  return { class: 'invalid_input', code: 'expression', message: `${where}: ${message}`.slice(0, 4_000) };
}
