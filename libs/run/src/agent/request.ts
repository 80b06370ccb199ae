import type { Failure, ProposedCall } from '@interlock/contracts';
import { firstOf, notAfterOf, pinOf, requestWithinBudget } from '../call/request.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { agentStep, proposerOf, refuseProposal } from './proposer.js';

/**
 * Requests a call that a model proposed.
 * @param tool index in the list of the step
 * @returns why it was not requested; undefined: it was
 */
export function requestProposed(
  draft: DecisionDraft,
  owner: StepIndex,
  tool: number,
  { arguments: args, occurrence }: ProposedCall,
): Failure | undefined {
  const { id: step, agent } = agentStep(draft, owner);
  const call = agent.tools[tool]!;
  const pin = pinOf(call);
  const overdrawn = refuseProposal(draft, owner, pin);
  if (overdrawn !== undefined) return overdrawn;
  const { generation } = draft.step(owner);
  const about = { step, pin, effect: call.effect, purpose: 'step', occurrence, generation } as const;
  return requestWithinBudget(draft, step, {
    ...firstOf(draft, { ...about, arguments: args }),
    agent: proposerOf(draft, owner),
    notAfter: notAfterOf(draft, owner),
  });
}
