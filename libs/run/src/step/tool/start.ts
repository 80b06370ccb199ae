import type { Failure } from '@interlock/contracts';
import { type CompiledToolStep, ExpressionError, resolve } from '@interlock/language';
import { argumentsOf } from '../../call/arguments.js';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { scopeOf } from '../../scope/scope.js';
import { requestToolCall } from '../../step/tool/request.js';
import { failStep } from '../fail.js';

/**
 * Resolves the arguments, brings them into the form that the tool takes, and requests the call.
 * @param needs after-checks asked for in this decision. With them nothing fails yet: what is wrong now may be right
 *   once they are decided
 */
export function startTool(
  draft: DecisionDraft,
  place: StepIndex,
  step: CompiledToolStep,
  needs: readonly string[] = [],
): undefined {
  let args: unknown;
  try {
    args = resolve(step.with, scopeOf(draft.state, draft.workflow.named[place]!), ['with']);
  } catch (error) {
    const failure = expressionFailure(error);
    return needs.length > 0 ? undefined : failStep(draft, place, failure);
  }
  const made = argumentsOf(draft, { name: step.tool, toolHash: step.toolHash }, args);
  const refused =
    'class' in made ? made : requestToolCall(draft, place, step, { arguments: made.arguments, needs });
  if (refused !== undefined && needs.length === 0) failStep(draft, place, refused);
}

/** @throws anything but an expression's failure */
export function expressionFailure(error: unknown): Failure {
  if (!(error instanceof ExpressionError)) throw error;
  const { path, expression, message } = error;
  const where = path === '' ? expression : `${path}: ${expression}`;
  return { class: 'invalid_input', code: 'expression', message: `${where}: ${message}`.slice(0, 4_000) };
}
