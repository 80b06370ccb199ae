import type { RecordedEvent } from '@interlock/actors';
import {
  type ApprovalEvent,
  type ApprovalOpened,
  type ApprovalRequirement,
  type ApprovalUnneeded,
  type CastVoteRecord,
  type MessageOf,
  terminalEventTypes,
  type voteRefusalCodes,
} from '@interlock/contracts';
import type { ApprovalStatus } from '@interlock/contracts/http';

/** A vote that counts. */
export interface KnownVote extends CastVoteRecord {
  readonly commandId: string;
}

/** A vote that changed nothing. */
export interface RefusedVote extends Omit<CastVoteRecord, 'reason'> {
  readonly commandId: string;
  readonly code: (typeof voteRefusalCodes)[number];
  readonly message: string;
}

/** The run that asks. */
export interface AskingRun {
  readonly runId: string;
  readonly rootRunId: string;
  readonly tenant?: string;
  readonly workflow: { readonly name: string; readonly version: number };
}

/** One approval as `run.events` tells it. Instants are UTC ms. */
export interface ApprovalRecord extends AskingRun {
  readonly approvalId: string;
  readonly step: string;
  readonly status: ApprovalStatus;
  readonly callHash: string;
  readonly salt: string;
  readonly generation: number;
  readonly action?: NonNullable<MessageOf<typeof ApprovalOpened>['data']['action']>;
  readonly question?: string;
  readonly details?: unknown;
  /** Seq of the run's event that moved it last. */
  readonly lastSeq: number;
  readonly requirement: ApprovalRequirement;
  readonly why: readonly string[];
  readonly reason: string;
  readonly requester: string;
  readonly shapedBy: readonly string[];
  readonly tenant?: string;
  readonly votes: readonly KnownVote[];
  /** The latest ones. */
  readonly refusedVotes: readonly RefusedVote[];
  readonly openedAt: number;
  readonly expiresAt: number;
  readonly remindedAt?: number;
  readonly escalatedAt?: number;
  readonly settledAt?: number;
  /** Why it was withdrawn, or what its expiry means. */
  readonly because?: string;
}

type Opened = MessageOf<typeof ApprovalOpened>['data'];
type FoldedEvent = ApprovalEvent | MessageOf<typeof ApprovalUnneeded>;

const REFUSED_MAX = 20;

export function openedApproval(run: AskingRun, data: Opened, { seq, time }: RecordedEvent): ApprovalRecord {
  const { remindAt, escalateAt, ...shown } = data;
  const { runId, rootRunId, tenant, workflow } = run;
  return {
    ...shown,
    runId,
    rootRunId,
    ...(tenant === undefined ? {} : { tenant }),
    workflow: { name: workflow.name, version: workflow.version },
    status: 'pending',
    lastSeq: seq,
    votes: [],
    refusedVotes: [],
    openedAt: time,
  };
}

/**
 * The approval after `event` of its run. If the run has ended or no longer needs it, a pending approval counts as withdrawn before the
 * approval service says so; what that service says is final. A repeated event changes nothing.
 */
export function approvalAfter(approval: ApprovalRecord, event: RecordedEvent): ApprovalRecord {
  if (event.seq <= approval.lastSeq) return approval;
  return { ...moved(approval, event), lastSeq: event.seq };
}

function moved(approval: ApprovalRecord, event: RecordedEvent): ApprovalRecord {
  const { time } = event;
  if (terminalEventTypes.has(event.type)) return withdrawn(approval, 'the run has ended', time);
  const { type, data } = event as unknown as FoldedEvent;
  switch (type) {
    case 'approval.voted': {
      const { commandId, by, vote, callHash, reason } = data;
      const votes = [...approval.votes, { commandId, by, vote, callHash, reason, at: time }];
      return { ...approval, votes };
    }
    case 'approval.vote_refused': {
      const { commandId, by, vote, callHash, code, message } = data;
      const all = [...approval.refusedVotes, { commandId, by, vote, callHash, code, message, at: time }];
      return { ...approval, refusedVotes: all.slice(-REFUSED_MAX) };
    }
    case 'approval.reminded':
      return { ...approval, remindedAt: time };
    case 'approval.escalated': {
      const requirement = { ...approval.requirement, escalateTo: data.to };
      return { ...approval, requirement, escalatedAt: time };
    }
    case 'approval.granted':
      return settled(approval, 'granted', time);
    case 'approval.denied':
      return settled(approval, 'denied', time);
    case 'approval.expired':
      return settled(approval, 'expired', time, `nobody decided in time: ${data.onExpiry}`);
    case 'approval.withdrawn':
      return settled(approval, 'withdrawn', time, data.because);
    case 'approval.unneeded':
      return withdrawn(approval, `the run no longer wants it: ${data.because}`, time);
    default:
      return approval;
  }
}

const withdrawn = (approval: ApprovalRecord, because: string, time: number): ApprovalRecord =>
  approval.status === 'pending' ? settled(approval, 'withdrawn', time, because) : approval;

const settled = (
  approval: ApprovalRecord,
  status: ApprovalStatus,
  settledAt: number,
  because?: string,
): ApprovalRecord => ({ ...approval, status, settledAt, because });

/** Roles that may vote now. */
export const votersOf = ({ requirement, escalatedAt }: ApprovalRecord): readonly string[] =>
  escalatedAt === undefined
    ? requirement.approvers
    : [...new Set([...requirement.approvers, ...(requirement.escalateTo ?? [])])];
