import { z } from 'zod';
import { personal } from './classification.js';
import { defineEvent, type MessageOf } from './define.js';
import { codesOf } from './errors/error.entry.js';
import { voteErrors } from './errors/vote.errors.js';
import { influencedBy } from './influence.js';
import { approvalId, partId } from './part.id.js';
import { approvalRequirement } from './policy.events.js';
import { identity, salt } from './run.commands.js';
import { stepPath } from './step.path.js';
import { argumentsRef } from './stored.value.js';

/*
 * What the approval service says. All but the confirmations are copied into `run.events` as they are.
 */

const callHash = z.string();
/** Of whatever people are asked about. */
export const shapedBy = z
  .array(z.string())
  .describe(
    'Who started the run, and who sent, retried, skipped or answered what it is made of: they may not vote',
  );
const instant = z.number().int().describe('UTC instant, ms');

export const vote = z.enum(['approve', 'deny']);

export const castVote = z.object({
  by: identity,
  vote,
  callHash: callHash.describe('Of what the voter was shown'),
  at: instant,
  reason: z.string().meta(personal),
});
export type CastVoteRecord = z.output<typeof castVote>;

export const ApprovalOpened = defineEvent(
  'approval.opened',
  1,
  z.object({
    approvalId,
    step: stepPath,
    salt,
    generation: z.number().int().min(1),
    callHash: callHash.describe('As the approval service computed it from what people are shown'),
    action: z
      .object({
        tool: z.string(),
        toolHash: z.string(),
        occurrence: z.number().int().min(1),
        arguments: z.unknown().meta(personal).optional(),
        argumentsRef,
        influencedBy: influencedBy.optional(),
      })
      .optional()
      .describe('The call that waits; absent for a question'),
    question: z.string().meta(personal).optional(),
    details: z.unknown().meta(personal).optional().describe('What a question shows'),
    requirement: approvalRequirement,
    why: z.array(z.string()).describe('Ids of the policies that ask'),
    reason: z.string().meta(personal),
    requester: z.string(),
    shapedBy,
    tenant: z.string().optional().describe('Whose people vote'),
    remindAt: instant.optional(),
    escalateAt: instant.optional(),
    expiresAt: instant,
  }),
);
/** A vote that counts. */
export const ApprovalVoted = defineEvent(
  'approval.voted',
  1,
  z.object({
    approvalId,
    commandId: z.string(),
    by: identity,
    vote,
    callHash,
    reason: z.string().meta(personal),
  }),
);
export const voteRefusalCodes = codesOf(voteErrors);
/** A vote that changes nothing, and why. */
export const ApprovalVoteRefused = defineEvent(
  'approval.vote_refused',
  1,
  z.object({
    approvalId,
    commandId: z.string(),
    by: identity,
    vote,
    callHash: callHash.describe('As the vote named it'),
    code: z.enum(voteRefusalCodes),
    message: z.string().meta(personal),
  }),
);
export const ApprovalReminded = defineEvent('approval.reminded', 1, z.object({ approvalId }));
/** From now on the next group may vote too. */
export const ApprovalEscalated = defineEvent(
  'approval.escalated',
  1,
  z.object({ approvalId, to: z.array(z.string()).describe('Roles') }),
);
export const ApprovalGranted = defineEvent(
  'approval.granted',
  1,
  z.object({ approvalId, callHash, votes: z.array(castVote) }),
);
export const ApprovalDenied = defineEvent(
  'approval.denied',
  1,
  z.object({ approvalId, by: identity, reason: z.string().meta(personal) }),
);
export const ApprovalExpired = defineEvent(
  'approval.expired',
  1,
  z.object({ approvalId, onExpiry: z.enum(['deny', 'fallback']) }),
);
/** The run no longer wants it, or has ended. */
export const ApprovalWithdrawn = defineEvent(
  'approval.withdrawn',
  1,
  z.object({ approvalId, because: z.string().meta(personal) }),
);

/** Answers a `call.requested` that names an approval: people granted exactly this call. */
export const ApprovalConfirmed = defineEvent(
  'approval.confirmed',
  1,
  z.object({
    requestId: partId,
    approvalId,
    callHash: callHash.describe('As the approval service computed it from the request'),
    votes: z.array(castVote),
    requester: z.string(),
    grantId: z.string().describe('Id of the `approval.granted` it rests on'),
  }),
);
/** The same, when there is no grant for exactly this call. */
export const ApprovalUnconfirmed = defineEvent(
  'approval.unconfirmed',
  1,
  z.object({ requestId: partId, approvalId, callHash, because: z.string().meta(personal) }),
);

/** The run has ended, so nothing of it can be voted on or confirmed any more. For the fold of the service alone. */
export const ApprovalsClosed = defineEvent(
  'approvals.closed',
  1,
  z.object({ because: z.string().describe('Type of the event that ended the run') }),
);

/** What is said about one approval. */
export const approvalLifeEvents = [
  ApprovalOpened,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalReminded,
  ApprovalEscalated,
  ApprovalGranted,
  ApprovalDenied,
  ApprovalExpired,
  ApprovalWithdrawn,
  ApprovalConfirmed,
  ApprovalUnconfirmed,
] as const;
export type ApprovalEvent = MessageOf<(typeof approvalLifeEvents)[number]>;
