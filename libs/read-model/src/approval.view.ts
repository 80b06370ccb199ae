import { type HashedQuestion, hashedCallOf, instantText, personOf, votesNeeded } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { type ApprovalRecord, votersOf } from './approval.fold.js';

export function approvalView(approval: ApprovalRecord): Approval {
  const { approvalId, runId, workflow, step, status, requirement, requester, callHash } = approval;
  const { question, details, why, reason, votes, refusedVotes, escalatedAt, because } = approval;
  return {
    approvalId,
    runId,
    workflow,
    step,
    status,
    required: requirement.kind,
    missing: missingOf(approval),
    approvers: votersOf(approval),
    requester,
    shapedBy: approval.shapedBy,
    action: actionOf(approval),
    question,
    details,
    hashed: hashedQuestion(approval),
    callHash,
    why,
    reason,
    votes: votes.map(({ by, vote, at, reason: given }) => ({
      by: by.sub,
      vote,
      at: instant(at),
      reason: given,
    })),
    refusedVotes: refusedVotes.map(({ by, vote, at, code, message }) => ({
      by: by.sub,
      vote,
      at: instant(at),
      code,
      message,
    })),
    openedAt: instant(approval.openedAt),
    expiresAt: instant(approval.expiresAt),
    escalated: escalatedAt !== undefined,
    remindedAt: maybeInstant(approval.remindedAt),
    escalatedAt: maybeInstant(escalatedAt),
    settledAt: maybeInstant(approval.settledAt),
    because,
  };
}

function actionOf({ runId, step, generation, salt, callHash, action }: ApprovalRecord): Approval['action'] {
  if (action === undefined) return undefined;
  const { tool, influencedBy, ...call } = action;
  const hashed = hashedCallOf(runId, { ...call, step, generation, salt });
  return { tool, arguments: call.arguments, influencedBy, callHash, hashed };
}

function hashedQuestion(approval: ApprovalRecord): HashedQuestion | undefined {
  const { runId, step: path, generation, salt, question, details = null } = approval;
  return question === undefined ? undefined : { runId, path, generation, salt, question, details };
}

function missingOf({ status, requirement, votes }: ApprovalRecord): number {
  if (status !== 'pending') return 0;
  const approving = votes.filter(({ vote }) => vote === 'approve');
  const people = new Set(approving.map(({ by }) => personOf(by.sub)));
  return Math.max(0, votesNeeded(requirement) - people.size);
}

const instant = (ms: number): string => instantText(ms);
const maybeInstant = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : instant(ms);
