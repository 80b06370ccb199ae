import type { TopicMessage } from '@interlock/actors';
import { type ApprovalConfirmed, areVotesOn, type MessageOf } from '@interlock/contracts';
import { type ApprovalAnswer, isApprovalAnswer, type Received } from './check.messages.js';
import type { RequestedCall } from './questions.js';

/** The approval service's two answers to a request that names an approval. */
export const approvalAnswerTypes: ReadonlySet<ApprovalAnswer['type']> = new Set([
  'approval.confirmed',
  'approval.unconfirmed',
]);

/** What people granted, as the approval service says. */
export type Confirmation = MessageOf<typeof ApprovalConfirmed>['data'];

type Answer = TopicMessage<ApprovalAnswer>;

export const answersTo = (requestId: string, messages: readonly Received[]): Answer[] =>
  messages.filter(isApprovalAnswer).filter(({ data }) => data.requestId === requestId);

/** Undefined unless all of them confirm: a repeated answer can take a grant away, but never give one. */
export function confirmationIn(answers: readonly Answer[]): Confirmation | undefined {
  const confirmations = answers.flatMap((answer) =>
    answer.type === 'approval.confirmed' ? [answer.data] : [],
  );
  return confirmations.length === answers.length ? confirmations[0] : undefined;
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
