import type { Failure } from '@interlock/contracts';
import type { CompiledAgentStep, ToolPin } from '@interlock/language';
import { costOf, microUsd, refuseProposed } from '../budget.js';
import type { Proposer } from '../call/owner.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';

export const agentStep = (draft: DecisionDraft, owner: StepIndex) =>
  draft.definition(owner) as CompiledAgentStep;

/** The proposal whose call has its turn. */
export function proposerOf(draft: DecisionDraft, owner: StepIndex): Proposer {
  const { approvers } = agentStep(draft, owner).agent;
  const { level, answer } = draft.step(owner).agent!;
  const { planSeq, next: index, model, proposal } = answer!;
  const planId = `${draft.key}/${planSeq}`;
  return { planId, index, model, level, confidence: proposal.confidence, approvers: [...approvers] };
}

/** Why an agent step's budget does not allow one more call; undefined: it does. */
export const refuseProposal = (draft: DecisionDraft, owner: StepIndex, pin: ToolPin): Failure | undefined =>
  refuseProposed(agentStep(draft, owner), draft.step(owner).agent!, microUsd(costOf(draft.settings, pin)));
