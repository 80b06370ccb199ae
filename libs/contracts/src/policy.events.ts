import { z } from 'zod';
import { defineEvent, type MessageOf } from './define.js';
import { influencedBy, influenceFact, inheritedInfluence } from './influence.js';
import { partId } from './part.id.js';

/** How long people have, in milliseconds, when nothing says otherwise. */
export const APPROVAL_EXPIRES_AFTER_MS = 24 * 3_600_000;

/** What people must grant. Durations count from the opening of the request, in milliseconds. */
export const approvalRequirement = z.object({
  kind: z.enum(['single', 'dual']),
  approvers: z.array(z.string()).describe('Roles, any of which may vote'),
  escalateTo: z.array(z.string()).optional().describe('Roles that may vote too once it was escalated'),
  remindAfterMs: z.number().int().positive().optional(),
  escalateAfterMs: z.number().int().positive().optional(),
  expiresAfterMs: z.number().int().positive().optional(),
  onExpiry: z.enum(['deny', 'fallback']).optional().describe('What silence means; never a grant'),
});
export type ApprovalRequirement = z.output<typeof approvalRequirement>;

export const judgedRequestId = partId
  .optional()
  .describe(
    'Of an after-check of a call: the call request whose outcome it is about. A before-check is about the request that the check is named by',
  );
export const judgedPlanId = partId
  .optional()
  .describe('Of an after-check of a plan: the plan request whose answer it is about');

/**
 * The answer to one check. A check's id is the id of the event that asks for it: before a call `call.requested` or `plan.requested`,
 * after it `call.recorded`, `call.late_recorded` or `plan.recorded`.
 */
export const PolicyDecided = defineEvent(
  'policy.decided',
  1,
  z.object({
    checkId: partId,
    point: z.enum(['before', 'after']),
    requestId: judgedRequestId,
    planId: judgedPlanId,
    callHash: z
      .string()
      .optional()
      .describe('Of a before-check: as policy computed it from the arguments it saw'),
    verdict: z.enum(['allow', 'deny']),
    approval: approvalRequirement
      .optional()
      .describe('What people must grant before an allowed call may run'),
    redact: z.array(z.string()).optional().describe('Paths of the output that must not travel further'),
    bundle: z.string().describe('Hash of the active bundle'),
    policies: z.array(z.string()).describe('Ids of the determining policies'),
    reason: z.string().max(2_000).optional().describe('For people. Absent: the policies alone say it'),
    influencedBy: influencedBy.optional().describe('As policy worked it out from the run and its workflow'),
    inputDigest: z.string().describe('Hash of everything the decision depended on'),
    mode: z.enum(['enforce', 'shadow']).default('enforce'),
  }),
);

/** The call request or plan request that a verdict is about. */
export const judgedRequestOf = ({
  checkId,
  requestId,
  planId,
}: {
  readonly checkId: string;
  readonly requestId?: string | undefined;
  readonly planId?: string | undefined;
}): string => requestId ?? planId ?? checkId;

/** Why policy has said so, for people. */
export const reasonOf = ({ verdict, policies, reason }: Reasoned): string =>
  reason ?? `${verdict === 'allow' ? 'permitted' : 'forbidden'} by ${policies.join(', ')}`;

interface Reasoned {
  readonly verdict: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly reason?: string | undefined;
}

/** A run is followed: an agent step of its workflow may act. For the fold of the service alone, as the next three are. */
export const InfluenceFollowed = defineEvent(
  'influence.followed',
  1,
  z.object({
    workflow: z.string().describe('Hash of its compiled form'),
    agents: z.array(z.string()).describe('Its agent steps'),
    inherited: z
      .array(inheritedInfluence)
      .default([])
      .describe('Models that led to what it was started with'),
  }),
);
export const InfluenceNoted = defineEvent('influence.noted', 1, z.object({ fact: influenceFact }));
/** The run has ended. */
export const InfluenceForgotten = defineEvent(
  'influence.forgotten',
  1,
  z.object({ because: z.string().describe('Type of the event that ended the run') }),
);
/** Something that the run has said could not be followed: what a model influenced is not known any more, and everything is denied. */
export const InfluenceLost = defineEvent(
  'influence.lost',
  1,
  z.object({ because: z.string().describe('Type of the event that could not be followed') }),
);
export const influenceEvents = [
  InfluenceFollowed,
  InfluenceNoted,
  InfluenceLost,
  InfluenceForgotten,
] as const;

export const policyDecisionEvents = [PolicyDecided] as const;
export type PolicyEvent = MessageOf<(typeof policyDecisionEvents)[number]>;
