import { ApprovalRequested, type Failure, questionHashOf, StepCompleted } from '@interlock/contracts';
import { type CompiledApprovalStep, resolve } from '@interlock/language';
import { approvalAt } from '../../approval/approvals.js';
import { votersOf } from '../../approval/decide.js';
import type { DecisionDraft } from '../../decision.draft.js';
import { approvalIdOf } from '../../ids.js';
import type { ApprovalIndex, StepIndex } from '../../indices.js';
import { influenceMark } from '../../influence.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';

/** What people are shown has to fit beside everything else in one append. */
const SHOWN_CHARS_MAX = 100_000;

interface Question {
  readonly question: string;
  readonly details?: unknown;
}

/** Asks people what the workflow wants to know of them. Nobody who shaped what is shown may answer. */
export function startApproval(draft: DecisionDraft, step: StepIndex): undefined {
  const { id, approval } = draft.definitionOf(step, 'approval');
  const { runId, salt, workflow } = draft.state.origin;
  const asked = questionOf(draft, step, approval);
  if ('class' in asked) return failStep(draft, step, asked);
  const { generation } = draft.step(step);
  const { question, details } = asked;
  draft.emit(
    ApprovalRequested({
      approvalId: approvalIdOf(draft.key, draft.state.seq + 1),
      step: id,
      subject: { kind: 'question', ...asked, generation },
      salt,
      callHash: questionHashOf({ runId, path: id, generation, salt, question, details }),
      requirement: approval.requirement,
      why: [],
      reason: `step ${id} of ${workflow.name}@${workflow.version} asks`,
      ...influenceMark(draft.state, id),
      ...votersOf(draft, step),
    }),
  );
}

function questionOf(
  draft: DecisionDraft,
  step: StepIndex,
  approval: CompiledApprovalStep['approval'],
): Question | Failure {
  const scope = draft.scopeOf(step);
  let question: unknown;
  let details: unknown;
  try {
    question = resolve(approval.question, scope, ['approval', 'question']);
    if (approval.details !== undefined) details = resolve(approval.details, scope, ['approval', 'details']);
  } catch (error) {
    return expressionFailure(error);
  }
  if (typeof question !== 'string')
    return unfit('question', 'approval.question gave something else than text');
  const asked = details === undefined ? { question } : { question, details };
  if (JSON.stringify(asked).length <= SHOWN_CHARS_MAX) return asked;
  return unfit('too_large', `what people are asked is longer than ${SHOWN_CHARS_MAX} characters`);
}

const unfit = (reason: string, message: string): Failure => ({
  class: 'invalid_input',
  code: `approval.${reason}`,
  message,
});

/** Completes an approval step with what people granted. */
export function completeQuestion(draft: DecisionDraft, step: StepIndex, question: ApprovalIndex): undefined {
  const { votes } = approvalAt(draft.state, question);
  const output = {
    approved: true,
    by: votes.map(({ by }) => by.sub),
    reasons: votes.map(({ reason }) => reason),
  };
  draft.emit(StepCompleted({ step: draft.definition(step).id, output, via: 'approval' }));
  completeStep(draft, step);
}
