import {
  type HashedCall,
  type HashedQuestion,
  hashedCallOf,
  personOf,
  votesNeeded,
} from '@interlock/contracts';
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
  /** Who may not vote: the requester, and who sent, retried, skipped or answered what this is made of. */
  readonly shapedBy: readonly string[];
  /** The call that waits; absent for a question. */
  readonly action?: Pick<NonNullable<ApprovalRecord['action']>, 'tool' | 'arguments' | 'influencedBy'> & {
    readonly callHash: string;
    /** Exactly what the hash covers: sha256 of its RFC 8785 JSON is the hash. */
    readonly hashed: HashedCall;
  };
  readonly question?: string;
  readonly details?: unknown;
  /** The same for a question. */
  readonly hashed?: HashedQuestion;
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

function actionOf({
  runId,
  step,
  generation,
  salt,
  callHash,
  action,
}: ApprovalRecord): ApprovalView['action'] {
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

const instant = (ms: number): string => new Date(ms).toISOString();
const maybeInstant = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : instant(ms);
