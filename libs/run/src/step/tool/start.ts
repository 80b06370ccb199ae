import type { Failure } from '@interlock/contracts';
import { ExpressionError, resolve } from '@interlock/language';
import { argumentsOfStep } from '../../call/arguments.js';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { requestToolCall } from '../../step/tool/request.js';
import { UnreadableValue } from '../../values/unreadable.js';
import { failStep } from '../fail.js';

/**
 * Resolves the arguments, brings them into the form that the tool takes, and requests the call.
 * @param needs after-checks asked for in this decision. With them nothing fails yet: what is wrong now may be right
 *   once they are decided
 */
export function startTool(draft: DecisionDraft, step: StepIndex, needs: readonly string[] = []): undefined {
  const definition = draft.definitionOf(step, 'tool');
  let made: ReturnType<typeof argumentsOfStep>;
  try {
    const given = resolve(definition.with, draft.scopeOf(step), ['with']);
    made = argumentsOfStep(draft, definition, given);
  } catch (error) {
    const failure = expressionFailure(error);
    return needs.length > 0 ? undefined : failStep(draft, step, failure);
  }
  const refused =
    'class' in made ? made : requestToolCall(draft, step, definition, { arguments: made.arguments, needs });
  if (refused !== undefined && needs.length === 0) failStep(draft, step, refused);
}

/** @throws anything but an expression's failure */
export function expressionFailure(error: unknown): Failure {
  if (error instanceof UnreadableValue) return error.failure;
  if (!(error instanceof ExpressionError)) throw error;
  const { path, expression, message } = error;
  const where = path === '' ? expression : `${path}: ${expression}`;
  return { class: 'invalid_input', code: 'expression', message: `${where}: ${message}`.slice(0, 4_000) };
}
