import type { Failure } from '@interlock/contracts';
import type { CompiledAgentStep, ToolPin } from '@interlock/language';
import { costOf, microUsd, refuseProposed } from '../budget.js';
import type { Proposer } from '../call/owner.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';

export const agentStep = (emitter: Emitter, owner: StepIndex) =>
  emitter.definition(owner) as CompiledAgentStep;

/** The proposal whose call has its turn. */
export function proposerOf(emitter: Emitter, owner: StepIndex): Proposer {
  const { approvers } = agentStep(emitter, owner).agent;
  const { level, answer } = emitter.step(owner).agent!;
  const { planSeq, next: index, model, proposal } = answer!;
  const planId = `${emitter.key}/${planSeq}`;
  return { planId, index, model, level, confidence: proposal.confidence, approvers: [...approvers] };
}

/** Why an agent step's budget does not allow one more call; undefined: it does. */
export const refuseProposal = (emitter: Emitter, owner: StepIndex, pin: ToolPin): Failure | undefined =>
  refuseProposed(
    agentStep(emitter, owner),
    emitter.step(owner).agent!,
    microUsd(costOf(emitter.settings, pin)),
  );
