import { type Decision, nothing } from '@interlock/actors';
import {
  ApprovalDenied,
  type ApprovalEvent,
  ApprovalGranted,
  ApprovalVoted,
  ApprovalVoteRefused,
  type CastVote,
  COMMAND_WINDOW_MS,
  isQuorum,
  type MessageOf,
  mayVote,
  personOf,
  type voteRefusalCodes,
} from '@interlock/contracts';
import { type Approval, type ApprovalState, after, approvalOf } from './approval.state.js';
import { fallenDue } from './approval.timers.js';

type Vote = MessageOf<typeof CastVote>['data'];
type Refusal = { readonly code: (typeof voteRefusalCodes)[number]; readonly message: string };

/**
 * Takes one person's vote. What had fallen due when it was cast comes first, so an outage of this service neither
 * lengthens nor shortens the time people have.
 */
export function vote(state: ApprovalState | undefined, cast: Vote, now: number): Decision<ApprovalEvent> {
  const { approvalId, commandId, issuedAt } = cast;
  const approval = approvalOf(state, approvalId);
  if (approval === undefined) {
    const message = `no approval ${approvalId} of a run that has not ended`;
    return { events: [], quarantine: { code: 'approval.unknown', message } };
  }
  if (approval.commands.includes(commandId)) return nothing;
  if (now - issuedAt > COMMAND_WINDOW_MS) return { events: [refused(cast, expired(issuedAt, now))] };
  const earlier = approval.status === 'open' ? fallenDue(approvalId, approval, Math.min(now, issuedAt)) : [];
  const current = earlier.reduce((folded, event) => after(folded, event, now), approval);
  const refusal = refusalOf(current, cast);
  return { events: [...earlier, ...(refusal ? [refused(cast, refusal)] : counted(current, cast, now))] };
}

/** A denial counts whoever has approved before, the same person included. */
function refusalOf(approval: Approval, { by, vote: said, callHash }: Vote): Refusal | undefined {
  const { status, requirement, isEscalated, votes } = approval;
  if (status !== 'open') return { code: 'settled', message: `it was ${status} before this vote` };
  switch (mayVote(requirement, by, approval, isEscalated)) {
    case 'other_tenant':
      return { code: 'other_tenant', message: `${by.sub} is not of the tenant whose people vote` };
    case 'own_request':
      return { code: 'own_request', message: `${by.sub} asked for it, or shaped what is asked for` };
    case 'wrong_role': {
      const roles = isEscalated
        ? [...requirement.approvers, ...(requirement.escalateTo ?? [])]
        : requirement.approvers;
      return { code: 'wrong_role', message: `only ${roles.join(', ')} may vote` };
    }
  }
  if (callHash !== approval.callHash)
    return { code: 'other_call', message: 'the vote names another call than is asked about' };
  const person = personOf(by.sub);
  const hasVoted = said === 'approve' && votes.some((earlier) => personOf(earlier.by.sub) === person);
  return hasVoted ? { code: 'already_voted', message: `${by.sub} has approved already` } : undefined;
}

function counted(approval: Approval, cast: Vote, now: number): ApprovalEvent[] {
  const { approvalId, commandId, by, vote: said, callHash, reason } = cast;
  const voted = ApprovalVoted({ approvalId, commandId, by, vote: said, callHash, reason });
  if (said === 'deny') return [voted, ApprovalDenied({ approvalId, by, reason })];
  const { requirement, votes, ...on } = after(approval, voted, now);
  return isQuorum(requirement, votes, on)
    ? [voted, ApprovalGranted({ approvalId, callHash, votes: [...votes] })]
    : [voted];
}

const expired = (issuedAt: number, now: number): Refusal => ({
  code: 'command_expired',
  message: `cast ${now - issuedAt} ms ago; at most ${COMMAND_WINDOW_MS}`,
});

const refused = (
  { approvalId, commandId, by, vote: said, callHash }: Vote,
  refusal: Refusal,
): ApprovalEvent => ApprovalVoteRefused({ approvalId, commandId, by, vote: said, callHash, ...refusal });
