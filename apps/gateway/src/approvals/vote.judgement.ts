import { type Identity, mayVote, personOf } from '@interlock/contracts';
import { Problem } from '../http/problem.js';
import { type ApprovalRecord, type RefusedVote, votersOf } from '../read-model/approval.fold.js';
import type { VoteBody } from './approval.requests.js';

/** What became of one vote, as far as this gateway has read. */
export type Judgement =
  /** It counts, or the same vote of the same person did before it. */
  | { readonly kind: 'counted' }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'open' };

const counted: Judgement = { kind: 'counted' };
const open: Judgement = { kind: 'open' };
const refused = (problem: Problem): Judgement => ({ kind: 'refused', problem });

export interface SentVote extends VoteBody {
  readonly commandId: string;
  readonly by: Identity;
}

/**
 * What a vote would come to if it were sent now. A repeat under the same command has the same answer as the first time, also
 * after the approval is settled.
 */
export function judgeBefore(approval: ApprovalRecord, vote: SentVote): Judgement {
  const judgement = judgeAfter(approval, vote);
  const isOwn = approval.votes.some(({ commandId }) => commandId === vote.commandId);
  if (judgement.kind === 'refused' || isOwn || approval.status === 'pending') return judgement;
  return refused(settled(approval));
}

/** What became of a vote that was sent. When the same person had said the same before, that counts. */
export function judgeAfter(approval: ApprovalRecord, { commandId, by, vote, reason }: SentVote): Judgement {
  const own = approval.votes.find((known) => known.commandId === commandId);
  if (own !== undefined) return own.vote === vote && own.reason === reason ? counted : refused(otherBody());
  const refusal = approval.refusedVotes.find((known) => known.commandId === commandId);
  if (refusal !== undefined && refusal.vote !== vote) return refused(otherBody());
  const { requirement, requester, escalatedAt, status } = approval;
  switch (mayVote(requirement, by, requester, escalatedAt !== undefined)) {
    case 'own_request':
      return refused(notAllowed(`${by.sub} asked for this: somebody else has to decide.`));
    case 'wrong_role':
      return refused(notAllowed(`Only ${votersOf(approval).join(' or ')} may vote on this.`));
  }
  const person = personOf(by.sub);
  if (approval.votes.some((known) => personOf(known.by.sub) === person && known.vote === vote))
    return counted;
  if (status !== 'pending') return refused(settled(approval));
  return refusal === undefined ? open : refused(refusedAs(refusal));
}

const settled = ({ status, because }: ApprovalRecord): Problem =>
  new Problem(
    'conflict',
    `This approval is ${status} already${because === undefined ? '' : `: ${because}`}.`,
  );

const refusedAs = ({ code, message }: RefusedVote): Problem =>
  new Problem(isAboutPerson(code) ? 'not-allowed' : 'conflict', `The vote was refused: ${message}.`);
const isAboutPerson = (code: RefusedVote['code']): boolean => code === 'wrong_role' || code === 'own_request';

const otherBody = (): Problem =>
  new Problem('conflict', 'This Idempotency-Key was used with another vote on this approval.');
const notAllowed = (detail: string): Problem => new Problem('not-allowed', detail);
