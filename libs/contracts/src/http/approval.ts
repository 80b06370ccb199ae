import { z } from 'zod';
import { vote, voteRefusalCodes } from '../approval.events.js';
import { influence } from '../influence.js';
import {
  asOf,
  commandIdText,
  cursorOf,
  instantText,
  limitOf,
  nextCursor,
  reasonText,
  runIdText,
  type Shown,
} from './fields.js';

export const approvalStatuses = ['pending', 'granted', 'denied', 'expired', 'withdrawn'] as const;
export const approvalStatus = z.enum(approvalStatuses).meta({ id: 'ApprovalStatus' });
export type ApprovalStatus = z.output<typeof approvalStatus>;

/** `<runId>.<seq>`: the run's event that asked for it. */
export const approvalIdPattern = /^([A-Za-z0-9][A-Za-z0-9._:-]{0,99})\.\d{1,15}$/;
export const approvalIdText = z
  .string()
  .regex(approvalIdPattern)
  .describe('The run’s id, a dot and a number');

const castVote = z
  .object({ by: z.string(), vote, at: instantText, reason: z.string() })
  .meta({ id: 'CastVote' });

const refusedVote = z.object({
  by: z.string(),
  vote,
  at: instantText,
  code: z.enum(voteRefusalCodes),
  message: z.string(),
});

const hashedCall = z
  .object({
    runId: z.string(),
    path: z.string().describe('The step'),
    occurrence: z.int().min(1),
    generation: z.int().min(1),
    toolHash: z.string(),
    salt: z.string(),
    arguments: z.unknown(),
  })
  .describe(
    'What the callHash covers: sha256 of its RFC 8785 JSON, and nothing else. The toolHash is that of the tool’s manifest (`GET /v1/artifacts?kind=tool`). The salt is the run’s: it is never in the audit stream',
  );

const hashedQuestion = z
  .object({
    runId: z.string(),
    path: z.string(),
    generation: z.int().min(1),
    salt: z.string(),
    question: z.string(),
    details: z.unknown(),
  })
  .describe('Of a question: what the callHash covers');

const action = z.object({
  tool: z.string(),
  arguments: z.unknown(),
  influencedBy: z
    .array(influence)
    .optional()
    .describe(
      'The models whose proposals led to this call, by their steps: what was performed of them, or became an output that it uses. Absent: none.',
    ),
  callHash: z.string(),
  hashed: hashedCall,
});

export const approval = z
  .object({
    approvalId: z.string(),
    runId: z.string(),
    workflow: z.object({ name: z.string(), version: z.int() }),
    step: z.string(),
    status: approvalStatus,
    required: z.enum(['single', 'dual']),
    missing: z.int().min(0).describe('How many more people have to approve; 0 once it is settled'),
    approvers: z
      .array(z.string())
      .describe('Roles that may vote now; after an escalation those of the next group too'),
    requester: z.string().describe('Who asked for it'),
    shapedBy: z
      .array(z.string())
      .describe(
        'Who may not vote: the requester, and who sent a signal that this is made of, or retried, skipped or answered a step that it follows from. Names compare without case, blanks around them, and characters that nobody sees',
      ),
    action: action.optional(),
    question: z.string().optional(),
    details: z.unknown().optional().describe('What a question shows'),
    hashed: hashedQuestion.optional(),
    callHash: z.string().describe('What a vote is for: the hash of the call, or of the question'),
    why: z.array(z.string()).describe('Ids of the policies that ask'),
    reason: z.string().describe('Why, for people'),
    votes: z.array(castVote),
    refusedVotes: z.array(refusedVote).describe('The latest votes that changed nothing, and why'),
    openedAt: instantText,
    expiresAt: instantText,
    escalated: z.boolean(),
    remindedAt: instantText.optional(),
    escalatedAt: instantText.optional(),
    settledAt: instantText.optional(),
    because: z.string().optional().describe('Why it was withdrawn, or what its expiry means'),
  })
  .describe(
    'Something people are asked to allow or to answer. `action` is the call that waits; a question has `question` instead.',
  )
  .meta({ id: 'Approval' });
export type Approval = Shown<z.output<typeof approval>>;

export const approvalPage = z.object({ items: z.array(approval), next: nextCursor.optional(), asOf });
export type ApprovalPage = Shown<z.output<typeof approvalPage>>;

export const listApprovalsQuery = z.strictObject({
  status: approvalStatus.optional(),
  role: z.string().min(1).max(200).optional().describe('Only those that somebody with this role may vote on'),
  runId: runIdText.optional(),
  limit: limitOf(50, 500),
  cursor: cursorOf(/^\d{1,16}\.[A-Za-z0-9][A-Za-z0-9._:-]{0,115}$/).optional(),
});

export const voteBody = z
  .strictObject({
    vote,
    callHash: z.string().min(1).max(200).describe('Of what the voter was shown'),
    reason: reasonText,
    commandId: commandIdText.optional(),
  })
  .meta({ id: 'Vote' });
export type VoteBody = Shown<z.output<typeof voteBody>>;
