import type { Failure } from '@interlock/contracts';
import type { ToolPin } from '@interlock/language';
import { costOf, microUsd, refuseProposed } from '../budget.js';
import type { Proposer } from '../call/owner.js';
import type { DecisionDraft } from '../decision.draft.js';
import { eventIdOf } from '../ids.js';
import type { StepIndex } from '../indices.js';
import { agentAt } from './agents.js';
import type { PlanAnswer } from './state.js';

/** The proposal that the step carries out. @throws it carries out no proposal */
export function answerAt({ state }: DecisionDraft, step: StepIndex): PlanAnswer {
  const { at } = agentAt(state, step);
  if (at.phase !== 'acting') throw new Error(`step ${step} carries out no proposal`);
  return at.answer;
}

/** What the requests for the next call of a proposal say of it. */
export function proposerOf(draft: DecisionDraft, step: StepIndex): Proposer {
  const { approvers } = draft.definitionOf(step, 'agent').agent;
  const { level } = agentAt(draft.state, step);
  const { planSeq, next: index, model, proposal } = answerAt(draft, step);
  const planId = eventIdOf(draft.key, planSeq);
  return { planId, index, model, level, confidence: proposal.confidence, approvers: [...approvers] };
}

/** Why an agent step's budget does not allow one more call; undefined: it does. */
export const refuseProposal = (draft: DecisionDraft, step: StepIndex, pin: ToolPin): Failure | undefined =>
  refuseProposed(draft.definitionOf(step, 'agent'), agentAt(draft.state, step), {
    cost: microUsd(costOf(draft.settings, pin)),
    tool: pin.name,
  });
