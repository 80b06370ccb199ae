import { type ApprovalRequirement, isQuorum } from '@interlock/contracts';
import { callAt, enter, putCall } from '../call/calls.js';
import { requestAt, requestOf } from '../call/requests.js';
import type { RequestState } from '../call/state.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { ApprovalIndex, CallIndex } from '../indices.js';
import { dropped } from '../lists.js';
import { isCurrent } from '../scope/called.js';
import type { RunState } from '../state.js';
import { asking } from '../step/approval/work.js';
import { shapeStep, startStep, stepNamed } from '../step/steps.js';
import { getItem, nextIndex, pushItem } from '../tree.js';
import { approvalAt, approvalOf, putApproval } from './approvals.js';
import type { Approval, ApprovalSubject, SettledStatus } from './state.js';

type Named = { readonly approvalId: string };

/** Whether the approval that a request names was granted by votes that meet what policy requires of it. */
export function meets(
  state: RunState,
  { approval, call }: RequestState,
  requirement: ApprovalRequirement,
): boolean {
  // A verdict may come after the turn in which people were asked.
  const granted = approval === undefined ? undefined : getItem(state.approvals, approval);
  return (
    granted?.at.status === 'granted' &&
    granted.hash === callAt(state, call).hash &&
    isGrantedBy(state, granted, requirement)
  );
}

const isGrantedBy = (
  { origin }: RunState,
  { votes, hash: callHash, shapedBy }: Approval,
  requirement: ApprovalRequirement,
): boolean => isQuorum(requirement, votes, { callHash, shapedBy, tenant: origin.by.tenant });

function approvalRequested(state: RunState, data: DataOf<'approval.requested'>): RunState {
  const { callHash: hash, requirement, shapedBy } = data;
  const index = nextIndex(state.approvals);
  const subject = subjectOf(state, data);
  const about = { seq: state.seq, subject, hash, requirement, shapedBy };
  const approvals = pushItem(state.approvals, { ...about, votes: [], at: { status: 'requested' } });
  const next = { ...state, approvals, openApprovals: [...state.openApprovals, index] };
  return subject.kind === 'call'
    ? putCall(next, subject.call, { approval: index, at: { phase: 'approval' } })
    : startStep(next, subject.step, 'waiting', asking(index));
}

function subjectOf(state: RunState, { subject, step }: DataOf<'approval.requested'>): ApprovalSubject {
  if (subject.kind === 'question') return { kind: 'question', step: stepNamed(state, step) };
  return { kind: 'call', call: requestAt(state, requestOf(state, subject.requestId)).call };
}

/** The approval is settled, in whatever way. */
function approvalSettled(state: RunState, { approvalId }: Named, status: SettledStatus): RunState {
  const approval = approvalOf(state, approvalId);
  const settled = putApproval(state, approval, { at: { status } });
  return { ...settled, openApprovals: dropped(state.openApprovals, approval) };
}

function approvalUnneeded(state: RunState, { approvalId }: DataOf<'approval.unneeded'>): RunState {
  const approval = approvalOf(state, approvalId);
  const { at } = approvalAt(state, approval);
  const opened = at.status === 'open' ? { opened: at.opened } : {};
  const unneeded = putApproval(state, approval, { at: { status: 'unneeded', ...opened } });
  return { ...unneeded, openApprovals: dropped(state.openApprovals, approval) };
}

function approvalOpened(state: RunState, { approvalId, expiresAt }: DataOf<'approval.opened'>): RunState {
  const approval = approvalOf(state, approvalId);
  const { at } = approvalAt(state, approval);
  const opened = { openedAt: state.time, expiresAt };
  if (at.status === 'requested') return putApproval(state, approval, { at: { status: 'open', opened } });
  return at.status === 'unneeded' ? putApproval(state, approval, { at: { ...at, opened } }) : state;
}

function approvalVoted(state: RunState, data: DataOf<'approval.voted'>): RunState {
  const approval = approvalOf(state, data.approvalId);
  const { by, vote, callHash, reason } = data;
  const votes = [...approvalAt(state, approval).votes, { by, vote, callHash, at: state.time, reason }];
  return putApproval(state, approval, { votes });
}

const approvalReminded = (state: RunState, data: DataOf<'approval.reminded'>): RunState =>
  putApproval(state, approvalOf(state, data.approvalId), { reminded: true });

const approvalEscalated = (state: RunState, data: DataOf<'approval.escalated'>): RunState =>
  putApproval(state, approvalOf(state, data.approvalId), { escalated: true });

/** What was granted may be requested again at once, if its step still waits for it. */
function approvalGranted(before: RunState, data: DataOf<'approval.granted'>): RunState {
  const index = approvalOf(before, data.approvalId);
  const wasNeeded = approvalAt(before, index).at.status !== 'unneeded';
  const voted = putApproval(before, index, { votes: data.votes });
  const approval = approvalAt(voted, index);
  const isGranted = data.callHash === approval.hash && isGrantedBy(voted, approval, approval.requirement);
  const settled = approvalSettled(voted, data, isGranted ? 'granted' : 'void');
  if (!isGranted) return settled;
  const { subject } = approval;
  if (subject.kind === 'question')
    return shapeStep(settled, subject.step, ...data.votes.map(({ by }) => by.sub));
  if (!wasNeeded || !isWaiting(settled, subject.call, index)) return settled;
  return enter(settled, subject.call, { phase: 'retry', due: settled.time });
}

function isWaiting(state: RunState, call: CallIndex, approval: ApprovalIndex): boolean {
  const { at, approval: latest } = callAt(state, call);
  return at.phase === 'approval' && latest === approval && isCurrent(state, call);
}

export const approvalEvents: EvolveBy<
  | 'approval.requested'
  | 'approval.unneeded'
  | 'approval.opened'
  | 'approval.voted'
  | 'approval.vote_refused'
  | 'approval.reminded'
  | 'approval.escalated'
  | 'approval.granted'
  | 'approval.denied'
  | 'approval.expired'
  | 'approval.withdrawn'
> = {
  'approval.requested': approvalRequested,
  'approval.unneeded': approvalUnneeded,
  'approval.opened': approvalOpened,
  'approval.voted': approvalVoted,
  'approval.vote_refused': (state) => state,
  'approval.reminded': approvalReminded,
  'approval.escalated': approvalEscalated,
  'approval.granted': approvalGranted,
  'approval.denied': (state, data) => approvalSettled(state, data, 'denied'),
  'approval.expired': (state, data) => approvalSettled(state, data, 'expired'),
  'approval.withdrawn': (state, data) => approvalSettled(state, data, 'withdrawn'),
};
