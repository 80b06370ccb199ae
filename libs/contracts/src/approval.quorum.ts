import type { z } from 'zod';
import type { castVote } from './approval.events.js';
import { personOf } from './name.js';
import type { ApprovalRequirement } from './policy.events.js';

type Vote = Pick<z.output<typeof castVote>, 'by' | 'vote'>;

export const votesNeeded = ({ kind }: Pick<ApprovalRequirement, 'kind'>): number => (kind === 'dual' ? 2 : 1);

/** Whether a person may vote on what `requester` asked for. After an escalation the next group may too. */
export function mayVote(
  { approvers, escalateTo }: Pick<ApprovalRequirement, 'approvers' | 'escalateTo'>,
  by: Vote['by'],
  requester: string,
  isEscalated: boolean,
): 'yes' | 'own_request' | 'wrong_role' {
  if (personOf(by.sub) === personOf(requester)) return 'own_request';
  const roles = isEscalated ? [...approvers, ...(escalateTo ?? [])] : approvers;
  return by.roles.some((role) => roles.includes(role)) ? 'yes' : 'wrong_role';
}

/**
 * Whether votes meet a requirement: no denial, and enough different people with a fitting role, none of whom asked for it.
 * Approval service, policy, executor and run each ask this of what they read themselves.
 */
export function isQuorum(
  requirement: ApprovalRequirement,
  votes: readonly Vote[],
  requester: string,
): boolean {
  if (votes.some(({ vote }) => vote === 'deny')) return false;
  const people = votes.filter(({ by }) => mayVote(requirement, by, requester, true) === 'yes');
  return new Set(people.map(({ by }) => personOf(by.sub))).size >= votesNeeded(requirement);
}
