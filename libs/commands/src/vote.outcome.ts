import { type Identity, mayVote, personOf } from '@interlock/contracts';
import type { VoteBody } from '@interlock/contracts/http';
import { type ApprovalRecord, type RefusedVote, votersOf } from '@interlock/read-model';
import { Problem, refusedAs } from './problem.js';

/** What became of one vote, as far as this gateway has read. */
export type VoteOutcome =
  /** It counts, or the same vote of the same person did before it. */
  | { readonly kind: 'counted' }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'open' };

const counted: VoteOutcome = { kind: 'counted' };
const open: VoteOutcome = { kind: 'open' };
const refused = (problem: Problem): VoteOutcome => ({ kind: 'refused', problem });

export interface SentVote extends VoteBody {
  readonly commandId: string;
  readonly by: Identity;
}

/**
 * What a vote would come to if it were sent now. A repeat under the same command has the same answer as the first time, also
 * after the approval is settled.
 */
export function outcomeIfSent(approval: ApprovalRecord, vote: SentVote): VoteOutcome {
  const outcome = outcomeOf(approval, vote);
  const isOwn = approval.votes.some(({ commandId }) => commandId === vote.commandId);
  if (outcome.kind === 'refused' || isOwn || approval.status === 'pending') return outcome;
  return refused(settled(approval));
}

/** What became of a vote that was sent. When the same person had said the same before, that counts. */
export function outcomeOf(approval: ApprovalRecord, sent: SentVote): VoteOutcome {
  const { commandId, by, vote, callHash, reason } = sent;
  const own = approval.votes.find((known) => known.commandId === commandId);
  if (own !== undefined) {
    const isSame = own.vote === vote && own.reason === reason && own.callHash === callHash;
    return isSame ? counted : refused(otherBody());
  }
  const refusal = approval.refusedVotes.find((known) => known.commandId === commandId);
  if (refusal !== undefined && refusal.vote !== vote) return refused(otherBody());
  const { requirement, escalatedAt, status } = approval;
  switch (mayVote(requirement, by, approval, escalatedAt !== undefined)) {
    case 'other_tenant':
      return refused(notAllowed('other_tenant', 'Only people of the run’s tenant may vote on this.'));
    case 'own_request':
      return refused(notAllowed('own_request', ownRequest(approval, by.sub)));
    case 'wrong_role':
      return refused(notAllowed('wrong_role', `Only ${votersOf(approval).join(' or ')} may vote on this.`));
  }
  if (callHash !== approval.callHash) return refused(otherCall());
  const person = personOf(by.sub);
  if (approval.votes.some((known) => personOf(known.by.sub) === person && known.vote === vote))
    return counted;
  if (status !== 'pending') return refused(settled(approval));
  return refusal === undefined ? open : refused(refusedLater(refusal));
}

const settled = ({ status, because }: ApprovalRecord): Problem =>
  refusedAs(
    'conflict',
    'settled',
    `This approval is ${status} already${because === undefined ? '' : `: ${because}`}.`,
  );

const refusedLater = ({ code, message }: RefusedVote): Problem =>
  refusedAs(isAboutPerson(code) ? 'not-allowed' : 'conflict', code, `The vote was refused: ${message}.`);
const isAboutPerson = (code: RefusedVote['code']): boolean =>
  code === 'wrong_role' || code === 'own_request' || code === 'other_tenant';

const ownRequest = ({ requester }: ApprovalRecord, sub: string): string =>
  personOf(requester) === personOf(sub)
    ? `${sub} asked for this: somebody else has to decide.`
    : `${sub} shaped this (sent, retried, skipped or answered something it is made of): somebody else has to decide.`;
const otherCall = (): Problem =>
  refusedAs(
    'conflict',
    'other_call',
    'The vote’s callHash is not the one of what this approval asks about. Look at it again, and vote for what you see.',
  );
const otherBody = (): Problem =>
  new Problem('conflict', 'This Idempotency-Key was used with another vote on this approval.');
const notAllowed = (code: RefusedVote['code'], detail: string): Problem =>
  refusedAs('not-allowed', code, detail);
