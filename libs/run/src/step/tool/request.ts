import type { Failure } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { stepDeadline } from '../../call/deadline.js';
import { firstOf, notAfterOf, pinOf, requestWithinBudget } from '../../call/request.js';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';

/**
 * Requests a step's call for the first time, or with other arguments than before.
 * @param needs checks asked for in this decision that must allow it too
 * @returns why it was not requested; undefined: it was
 */
export function requestToolCall(
  draft: DecisionDraft,
  step: StepIndex,
  definition: CompiledToolStep,
  { arguments: args, needs }: { readonly arguments: unknown; readonly needs: readonly string[] },
): Failure | undefined {
  const { generation } = draft.step(step);
  const about = {
    step: definition.id,
    pin: pinOf(definition),
    effect: definition.effect,
    purpose: 'step',
  } as const;
  const first = firstOf(draft, { ...about, arguments: args, occurrence: 1, generation });
  return requestWithinBudget(draft, definition.id, {
    ...first,
    needs,
    notAfter: notAfterOf(draft, stepDeadline(draft, step)),
  });
}
