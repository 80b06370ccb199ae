import { type ApprovalRequirement, type CastVoteRecord, personOf } from '@interlock/contracts';

/** What was asked about. */
export interface Asked {
  readonly callHash: string;
  /** Who has no vote on it. */
  readonly shapedBy: readonly string[];
  readonly tenant?: string | undefined;
}

/**
 * Whether votes meet a requirement, read here once more and from its words alone: one person or two, each with a role that was
 * asked when they voted, each of the right tenant and for exactly this call, none of them one who shaped it, and nobody who said no.
 * @param isAsked whether the people of `escalateTo` were asked too when this vote was counted
 */
export function meetsQuorum(
  { kind, approvers, escalateTo = [] }: ApprovalRequirement,
  votes: readonly Pick<CastVoteRecord, 'by' | 'vote' | 'callHash'>[],
  asked: Asked,
  isAsked: (place: number) => boolean = () => true,
): boolean {
  const people: string[] = [];
  const barred = asked.shapedBy.map(personOf);
  for (const [place, { by, vote, callHash }] of votes.entries()) {
    if (vote !== 'approve') return false;
    const groups = isAsked(place) ? approvers.concat(escalateTo) : approvers;
    const fits = groups.some((role) => by.roles.includes(role));
    const person = personOf(by.sub);
    const isOther = callHash !== asked.callHash || by.tenant !== asked.tenant;
    if (fits && !isOther && !barred.includes(person) && !people.includes(person)) people.push(person);
  }
  return people.length >= { single: 1, dual: 2 }[kind];
}
