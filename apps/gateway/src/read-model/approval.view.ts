import { personOf, votesNeeded } from '@interlock/contracts';
import { type ApprovalRecord, type ApprovalStatus, votersOf } from './approval.fold.js';

/** An approval as the interface shows it. Instants are ISO 8601, UTC. */
export interface ApprovalView {
  readonly approvalId: string;
  readonly runId: string;
  readonly workflow: ApprovalRecord['workflow'];
  readonly step: string;
  readonly status: ApprovalStatus;
  readonly required: 'single' | 'dual';
  /** How many more people have to approve. 0 once it is settled. */
  readonly missing: number;
  /** Roles that may vote now. */
  readonly approvers: readonly string[];
  readonly requester: string;
  /** The call that waits; absent for a question. */
  readonly action?: NonNullable<ApprovalRecord['action']> & { readonly callHash: string };
  readonly question?: string;
  readonly details?: unknown;
  readonly callHash: string;
  readonly why: readonly string[];
  readonly reason: string;
  readonly votes: readonly VoteView[];
  /** The latest votes that changed nothing, and why. */
  readonly refusedVotes: readonly RefusedVoteView[];
  readonly openedAt: string;
  readonly expiresAt: string;
  readonly escalated: boolean;
  readonly remindedAt?: string;
  readonly escalatedAt?: string;
  readonly settledAt?: string;
  readonly because?: string;
}

interface VoteView {
  readonly by: string;
  readonly vote: 'approve' | 'deny';
  readonly at: string;
  readonly reason: string;
}

interface RefusedVoteView extends Omit<VoteView, 'reason'> {
  readonly code: string;
  readonly message: string;
}

export function approvalView(approval: ApprovalRecord): ApprovalView {
  const { approvalId, runId, workflow, step, status, requirement, requester, action, callHash } = approval;
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
    action: action && { ...action, callHash },
    question,
    details,
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

function missingOf({ status, requirement, votes }: ApprovalRecord): number {
  if (status !== 'pending') return 0;
  const approving = votes.filter(({ vote }) => vote === 'approve');
  const people = new Set(approving.map(({ by }) => personOf(by.sub)));
  return Math.max(0, votesNeeded(requirement) - people.size);
}

const instant = (ms: number): string => new Date(ms).toISOString();
const maybeInstant = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : instant(ms);
