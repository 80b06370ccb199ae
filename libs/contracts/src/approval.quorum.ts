import type { z } from 'zod';
import type { castVote } from './approval.events.js';
import { personOf } from './name.js';
import type { ApprovalRequirement } from './policy.events.js';
import type { Identity } from './run.commands.js';

type Vote = Pick<z.output<typeof castVote>, 'by' | 'vote' | 'callHash'>;

/** What people vote on. */
export interface VotedOn {
  /** Of the call or the question: a vote that names another hash was given for something else. */
  readonly callHash: string;
  /** Who started the run, and who sent, retried, skipped or answered what the call is made of: none of them decides. */
  readonly shapedBy: readonly string[];
  /** Of the run. */
  readonly tenant?: string | undefined;
}

export const votesNeeded = ({ kind }: Pick<ApprovalRequirement, 'kind'>): number => (kind === 'dual' ? 2 : 1);

/** One name for each person, in the order in which they come. */
export function people(subs: readonly string[]): string[] {
  const byPerson = new Map<string, string>();
  for (const sub of subs) if (!byPerson.has(personOf(sub))) byPerson.set(personOf(sub), sub);
  return [...byPerson.values()];
}

/** Whether a person may vote. After an escalation the next group may too. */
export function mayVote(
  { approvers, escalateTo }: Pick<ApprovalRequirement, 'approvers' | 'escalateTo'>,
  by: Pick<Identity, 'sub' | 'roles' | 'tenant'>,
  { shapedBy, tenant }: Omit<VotedOn, 'callHash'>,
  isEscalated: boolean,
): 'yes' | 'other_tenant' | 'own_request' | 'wrong_role' {
  if (by.tenant !== tenant) return 'other_tenant';
  const person = personOf(by.sub);
  if (shapedBy.some((sub) => personOf(sub) === person)) return 'own_request';
  const roles = isEscalated ? [...approvers, ...(escalateTo ?? [])] : approvers;
  return by.roles.some((role) => roles.includes(role)) ? 'yes' : 'wrong_role';
}

/**
 * Whether votes meet a requirement: no denial, and enough different people of the run's tenant with a fitting role who voted for
 * exactly this call and did not shape it. Approval service, policy, executor and run each ask this of what they read themselves.
 */
export function isQuorum(requirement: ApprovalRequirement, votes: readonly Vote[], on: VotedOn): boolean {
  if (votes.some(({ vote }) => vote === 'deny')) return false;
  const counted = votes.filter(
    ({ by, callHash }) => callHash === on.callHash && mayVote(requirement, by, on, true) === 'yes',
  );
  return new Set(counted.map(({ by }) => personOf(by.sub))).size >= votesNeeded(requirement);
}

/** Whether every vote could have been given: for whoever knows the call, and not yet what policy requires. */
export const areVotesOn = (votes: readonly Vote[], on: VotedOn): boolean =>
  votes.length > 0 &&
  votes.every(
    ({ by, vote, callHash }) =>
      vote === 'approve' &&
      callHash === on.callHash &&
      by.tenant === on.tenant &&
      !on.shapedBy.some((sub) => personOf(sub) === personOf(by.sub)),
  );
