import type { TopicMessage } from '@interlock/actors';
import { ApprovalConfirmed, areVotesOn, type MessageOf } from '@interlock/contracts';
import type { RequestedCall } from './questions.js';

/** The approval service's two answers to a request that names an approval. */
export const approvalAnswerTypes: ReadonlySet<string> = new Set([
  'approval.confirmed',
  'approval.unconfirmed',
]);

/** What people granted, as the approval service says. */
export type Confirmation = MessageOf<typeof ApprovalConfirmed>['data'];

export const answersTo = (requestId: string, messages: readonly TopicMessage[]): TopicMessage[] =>
  messages.filter(({ type, data }) => approvalAnswerTypes.has(type) && requestIdIn(data) === requestId);

export const requestIdIn = (answer: unknown): string => (answer as Pick<Confirmation, 'requestId'>).requestId;

/** Undefined unless all of them confirm: an answer that is repeated can take a grant away, never give one. */
export function confirmationIn(answers: readonly TopicMessage[]): Confirmation | undefined {
  const isConfirmed = answers.every(({ type }) => type === ApprovalConfirmed.type);
  return isConfirmed ? (answers[0]?.data as Confirmation | undefined) : undefined;
}

/**
 * Whether people granted exactly this call, under the hash that policy computed itself, to the person it is made for, and all of
 * them could: none of another tenant, and none who shaped it.
 */
export const isApproved = (
  { approvalId, principal, shapedBy = [] }: RequestedCall,
  callHash: string,
  confirmation: Confirmation | undefined,
): boolean =>
  confirmation !== undefined &&
  confirmation.approvalId === approvalId &&
  confirmation.callHash === callHash &&
  confirmation.requester === principal.requester &&
  areVotesOn(confirmation.votes, {
    callHash,
    shapedBy: [principal.requester, ...shapedBy],
    tenant: principal.tenant,
  });
