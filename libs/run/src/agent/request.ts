import type { Failure, ProposedCall } from '@interlock/contracts';
import type { CompiledCall } from '@interlock/language';
import { stepDeadline } from '../call/deadline.js';
import { firstOf, notAfterOf, pinOf, requestWithinBudget } from '../call/request.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { proposerOf, refuseProposal } from './proposer.js';

/**
 * Requests a call that a model proposed.
 * @param call as the step lists it
 * @returns why it was not requested; undefined: it was
 */
export function requestProposed(
  draft: DecisionDraft,
  step: StepIndex,
  call: CompiledCall,
  { arguments: args, occurrence }: ProposedCall,
): Failure | undefined {
  const { id } = draft.definition(step);
  const pin = pinOf(call);
  const overdrawn = refuseProposal(draft, step, pin);
  if (overdrawn !== undefined) return overdrawn;
  const { generation } = draft.step(step);
  const about = { step: id, pin, effect: call.effect, purpose: 'step', occurrence, generation } as const;
  return requestWithinBudget(draft, id, {
    ...firstOf(draft, { ...about, arguments: args }),
    mark: { agent: proposerOf(draft, step) },
    notAfter: notAfterOf(draft, stepDeadline(draft, step)),
  });
}
