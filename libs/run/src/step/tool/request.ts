import type { Failure } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { firstOf, notAfterOf, pinOf, requestWithinBudget } from '../../call/request.js';
import type { Emitter } from '../../emitter.js';
import type { StepIndex } from '../../indices.js';

/**
 * Requests a step's call for the first time, or with other arguments than before.
 * @param needs checks asked for in this decision that must allow it too
 * @returns why it was not requested; undefined: it was
 */
export function requestToolCall(
  emitter: Emitter,
  place: StepIndex,
  step: CompiledToolStep,
  { arguments: args, needs }: { readonly arguments: unknown; readonly needs: readonly string[] },
): Failure | undefined {
  const { generation } = emitter.step(place);
  const about = { step: step.id, pin: pinOf(step), effect: step.effect, purpose: 'step' } as const;
  const first = firstOf(emitter, { ...about, arguments: args, occurrence: 1, generation });
  return requestWithinBudget(emitter, step.id, { ...first, needs, notAfter: notAfterOf(emitter, place) });
}
