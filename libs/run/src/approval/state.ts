import type { ApprovalRequirement, CastVoteRecord } from '@interlock/contracts';
import type { CallIndex, StepIndex } from '../indices.js';

/** A question to people: about exactly one call, or of a step of the workflow. */
export interface Approval {
  /** Of its `approval.requested`; the approvalId ends in it. */
  readonly seq: number;
  readonly subject: ApprovalSubject;
  /** Of the call or the question. */
  readonly hash: string;
  readonly requirement: ApprovalRequirement;
  /** Whose votes do not count. */
  readonly shapedBy: readonly string[];
  readonly votes: readonly CastVoteRecord[];
  readonly reminded?: true;
  readonly escalated?: true;
  readonly at: ApprovalPhase;
}

export type ApprovalSubject =
  | { readonly kind: 'call'; readonly call: CallIndex }
  | { readonly kind: 'question'; readonly step: StepIndex };

/** Both UTC ms. */
export interface Opened {
  readonly openedAt: number;
  readonly expiresAt: number;
}

export type ApprovalPhase =
  /** The approval service has not answered yet. */
  | { readonly status: 'requested' }
  | { readonly status: 'open'; readonly opened: Opened }
  /** The run no longer needs it. The approval service may still answer. */
  | { readonly status: 'unneeded'; readonly opened?: Opened }
  | { readonly status: SettledStatus };

/** void: granted by votes that do not meet the requirement, or for another call. */
export type SettledStatus = 'granted' | 'void' | 'denied' | 'expired' | 'withdrawn';
export type ApprovalStatus = ApprovalPhase['status'];
