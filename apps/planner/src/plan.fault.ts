import type { Decision, Fault } from '@interlock/actors';
import type { CodedFailure, PlanEvent } from '@interlock/contracts';
import { deferredPlans, type PlanContext, type PlanInput } from './deferred-plans.js';
import { answerOf, notAsked } from './plan.effect.js';
import type { PlanState } from './plan.state.js';

/**
 * If a request could not be decided on there is no plan: every waiting request fails, and so does the attempt whose answer came, or which nobody
 * performs any more. What such an attempt has used is not known, so the whole reservation is charged.
 */
export function failPlans(
  { code }: Fault,
  input: PlanInput,
  state: PlanState | undefined,
  { deferred, isRunning }: PlanContext,
): Decision<PlanEvent> {
  if (input.kind === 'poison') return { events: [] };
  const failure: CodedFailure = { class: 'internal', code, message: 'the planner could not decide on it' };
  if (input.kind === 'result') return { events: failedAttempts(state, [input.effectId], failure) };
  const arrived = input.kind === 'message' ? [input.message] : [];
  const refused = deferredPlans([...deferred, ...arrived]).asked.map(({ planId, request }) =>
    notAsked(planId, request.model, failure),
  );
  if (input.kind === 'message') return { events: refused, release: deferred };
  const lost = Object.keys(state?.attempts ?? {}).filter((planId) => !isRunning(planId));
  return { events: [...refused, ...failedAttempts(state, lost, failure)], release: deferred };
}

const failedAttempts = (
  state: PlanState | undefined,
  planIds: readonly string[],
  failure: CodedFailure,
): PlanEvent[] =>
  planIds.flatMap((planId) => {
    const attempt = state?.attempts[planId];
    const outcome = { kind: 'failed', called: true, failure } as const;
    return attempt === undefined ? [] : [answerOf(planId, attempt.model, { tookMs: 0, outcome })];
  });
