import {
  type ApprovalEscalated,
  type ApprovalGranted,
  type ApprovalOpened,
  type ApprovalReminded,
  type ApprovalRequested,
  type ApprovalRequirement,
  type ApprovalUnneeded,
  type ApprovalVoted,
  isQuorum,
  type MessageOf,
} from '@interlock/contracts';
import {
  approvalAt,
  dropped,
  findApproval,
  findRequest,
  placeOf,
  putCall,
  putStep,
  requestAt,
  startStep,
} from '../edit.js';
import type { ApprovalIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.index.js';
import type { Approval, ApprovalStatus, RequestState, RunState } from '../state.js';
import { nextIndex, pushItem, setItem } from '../tree.js';
import { shaped } from './shaping.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;
type Named = { readonly approvalId: string };

/** Whether the approval that a request names was granted by votes that meet what policy requires of it. */
export function meets(
  state: RunState,
  { approval, hash }: RequestState,
  requirement: ApprovalRequirement,
): boolean {
  if (approval === undefined) return false;
  const granted = approvalAt(state, approval);
  return granted.status === 'granted' && granted.hash === hash && isGrantedBy(state, granted, requirement);
}

const isGrantedBy = (
  { origin }: RunState,
  { votes, hash: callHash, shapedBy }: Approval,
  requirement: ApprovalRequirement,
): boolean => isQuorum(requirement, votes, { callHash, shapedBy, tenant: origin.by.tenant });

export function approvalRequested(state: RunState, data: Data<typeof ApprovalRequested>): RunState {
  const { subject, callHash: hash, requirement, shapedBy } = data;
  const callRequest =
    subject.kind === 'call' ? requestAt(state, findRequest(state, subject.requestId)!) : undefined;
  const step = callRequest?.step ?? placeOf(state, data.step);
  const ordinal = nextIndex(state.approvals);
  const purpose = callRequest?.purpose ?? 'question';
  const asked: Approval = {
    seq: state.seq,
    step,
    hash,
    purpose,
    requirement,
    shapedBy,
    status: 'requested',
    votes: [],
  };
  const approvals = pushItem(state.approvals, asked);
  const next = { ...state, approvals, openApprovals: [...state.openApprovals, ordinal] };
  switch (purpose) {
    case 'question':
      return putStep(startStep(next, step, 'waiting'), step, { question: ordinal });
    case 'verify': {
      const verify = { ...stepAt(next, step).verify!, approval: ordinal };
      return putCall(putStep(next, step, { verify }), step, { phase: 'approval' });
    }
    default:
      return putCall(next, step, { phase: 'approval', approval: ordinal });
  }
}

function putApproval(state: RunState, ordinal: ApprovalIndex, change: Partial<Approval>): RunState {
  const approvals = setItem(state.approvals, ordinal, { ...approvalAt(state, ordinal), ...change });
  return { ...state, approvals };
}

const change = (state: RunState, { approvalId }: Named, to: Partial<Approval>): RunState =>
  putApproval(state, findApproval(state, approvalId)!, to);

/** No longer open, whichever way. */
export function approvalSettled(state: RunState, { approvalId }: Named, status: ApprovalStatus): RunState {
  const ordinal = findApproval(state, approvalId)!;
  const settled = putApproval(state, ordinal, { status });
  return { ...settled, openApprovals: dropped(state.openApprovals, ordinal) };
}

export const approvalUnneeded = (state: RunState, data: Data<typeof ApprovalUnneeded>): RunState =>
  approvalSettled(state, data, 'unneeded');

export function approvalOpened(state: RunState, data: Data<typeof ApprovalOpened>): RunState {
  const ordinal = findApproval(state, data.approvalId)!;
  const opened = { openedAt: state.time, expiresAt: data.expiresAt };
  const isAsked = approvalAt(state, ordinal).status === 'requested';
  return putApproval(state, ordinal, isAsked ? { ...opened, status: 'open' } : opened);
}

export function approvalVoted(state: RunState, data: Data<typeof ApprovalVoted>): RunState {
  const ordinal = findApproval(state, data.approvalId)!;
  const { by, vote, callHash, reason } = data;
  const votes = [...approvalAt(state, ordinal).votes, { by, vote, callHash, at: state.time, reason }];
  return putApproval(state, ordinal, { votes });
}

export const approvalReminded = (state: RunState, data: Data<typeof ApprovalReminded>): RunState =>
  change(state, data, { reminded: true });

export const approvalEscalated = (state: RunState, data: Data<typeof ApprovalEscalated>): RunState =>
  change(state, data, { escalated: true });

function isWaitedFor(state: RunState, ordinal: ApprovalIndex): boolean {
  const { step, purpose, status } = approvalAt(state, ordinal);
  const { status: at, call, verify } = stepAt(state, step);
  const latest = purpose === 'verify' ? verify?.approval : call?.approval;
  return status !== 'unneeded' && at === 'running' && call?.phase === 'approval' && latest === ordinal;
}

/** What was granted may be requested again at once, if its step still waits for it. */
export function approvalGranted(state: RunState, data: Data<typeof ApprovalGranted>): RunState {
  const ordinal = findApproval(state, data.approvalId)!;
  const voted = putApproval(state, ordinal, { votes: data.votes });
  const { step, hash, purpose, requirement } = approvalAt(voted, ordinal);
  const isGranted = data.callHash === hash && isGrantedBy(voted, approvalAt(voted, ordinal), requirement);
  const settled = approvalSettled(voted, data, isGranted ? 'granted' : 'void');
  if (!isGranted) return settled;
  if (purpose === 'question') {
    const voters = data.votes.map(({ by }) => by.sub);
    return putStep(settled, step, shaped(stepAt(settled, step), ...voters));
  }
  if (!isWaitedFor(state, ordinal)) return settled;
  return putCall(settled, step, { phase: purpose === 'verify' ? 'settling' : 'retry', due: state.time });
}
