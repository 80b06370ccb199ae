import type { Failure, ProposedCall } from '@interlock/contracts';
import { firstOf, notAfterOf, pinOf, requestWithinBudget } from '../call/request.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { agentStep, proposerOf, refuseProposal } from './proposer.js';

/**
 * Requests a call that a model proposed.
 * @param tool index in the list of the step
 * @returns why it was not requested; undefined: it was
 */
export function requestProposed(
  emitter: Emitter,
  owner: StepIndex,
  tool: number,
  { arguments: args, occurrence }: ProposedCall,
): Failure | undefined {
  const { id: step, agent } = agentStep(emitter, owner);
  const call = agent.tools[tool]!;
  const pin = pinOf(call);
  const overdrawn = refuseProposal(emitter, owner, pin);
  if (overdrawn !== undefined) return overdrawn;
  const { generation } = emitter.step(owner);
  const about = { step, pin, effect: call.effect, purpose: 'step', occurrence, generation } as const;
  return requestWithinBudget(emitter, step, {
    ...firstOf(emitter, { ...about, arguments: args }),
    agent: proposerOf(emitter, owner),
    notAfter: notAfterOf(emitter, owner),
  });
}
