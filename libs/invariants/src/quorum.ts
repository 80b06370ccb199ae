import type { ApprovalRequirement, CastVoteRecord } from '@interlock/contracts';

/**
 * Whether votes meet a requirement, read here once more and from its words alone: one person or two, each with a role that was
 * asked when they voted, none of them the one who wants it, and nobody who said no.
 * @param isAsked whether the people of `escalateTo` were asked too when this vote was counted
 */
export function meetsQuorum(
  { kind, approvers, escalateTo = [] }: ApprovalRequirement,
  votes: readonly Pick<CastVoteRecord, 'by' | 'vote'>[],
  requester: string,
  isAsked: (place: number) => boolean = () => true,
): boolean {
  const people: string[] = [];
  for (const [place, { by, vote }] of votes.entries()) {
    if (vote !== 'approve') return false;
    const groups = isAsked(place) ? approvers.concat(escalateTo) : approvers;
    const fits = groups.some((role) => by.roles.includes(role));
    if (fits && by.sub !== requester && !people.includes(by.sub)) people.push(by.sub);
  }
  return people.length >= { single: 1, dual: 2 }[kind];
}
