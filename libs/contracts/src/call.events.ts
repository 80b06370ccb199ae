import { z } from 'zod';
import { shapedBy } from './approval.events.js';
import { autonomyLevel } from './autonomy.js';
import { personal, toolInput } from './classification.js';
import { stopNote } from './control.events.js';
import { defineEvent } from './define.js';
import { failure } from './failure.js';
import { influencedBy } from './influence.js';
import { approvalId, partId } from './part.id.js';
import { approvalRequirement, judgedPlanId, judgedRequestId } from './policy.events.js';
import { salt } from './run.commands.js';
import { runPrincipal } from './run.principal.js';
import { stepPath } from './step.path.js';
import { argumentsRef, outputRef } from './stored.value.js';
import { awaited, compensation, lateOutcome } from './tool.events.js';

const step = stepPath;
const requestId = partId;
const callHash = z.string();
const instant = z.number().int().describe('UTC instant, ms');

export const CallRequested = defineEvent(
  'call.requested',
  1,
  z.object({
    step,
    tool: z.string(),
    toolVersion: z.number().int(),
    toolHash: z.string(),
    effect: z.enum(['read', 'write']),
    purpose: z.enum(['step', 'verify', 'compensate']).default('step'),
    arguments: z.unknown().meta(toolInput).optional(),
    argumentsRef,
    salt,
    callHash,
    occurrence: z.number().int().min(1).default(1),
    generation: z.number().int().min(1).default(1),
    attempt: z.number().int().min(1).default(1).describe('Requests of this call so far, this one included'),
    recovery: z.boolean().default(false).describe('Repeats a call whose earlier attempt is in doubt'),
    needs: z
      .array(partId)
      .default([])
      .describe('Checks that must allow it besides its own, whose id is that of this event'),
    judge: z
      .literal('policy.events')
      .default('policy.events')
      .describe('Topic in which the verdict on it is said: no other counts'),
    notAfter: instant,
    timeoutMs: z.number().int().positive(),
    approvalId: approvalId.optional().describe('What people granted for exactly this callHash'),
    shapedBy: shapedBy.optional().describe('Beside an approvalId: whose votes do not count'),
    verifies: z
      .object({ tool: z.string(), toolHash: z.string() })
      .optional()
      .describe('The write in doubt that a verification asks about'),
    reserved: z
      .object({ costUsd: z.number().min(0), toolCalls: z.number().int().min(0) })
      .default({ costUsd: 0, toolCalls: 1 }),
    agent: z
      .object({
        planId: partId.describe('Id of the `plan.requested` whose answer proposed this call'),
        index: z.number().int().min(0).describe('In the proposed calls'),
        model: z.string(),
        level: autonomyLevel,
        confidence: z.number().min(0).max(1),
        approvers: z.array(z.string()).describe('Roles that approve what a model does at this level'),
      })
      .optional()
      .describe('A model proposed this call'),
    influencedBy: influencedBy.optional(),
    principal: runPrincipal,
  }),
);

export const CallRevoked = defineEvent(
  'call.revoked',
  1,
  z.object({ requestId, step, because: z.enum(['cancelled', 'timeout', 'redacted', 'answered']) }),
);

export const callOutcome = z.union([
  z.object({
    kind: z.literal('succeeded'),
    output: z.unknown().meta(personal).optional(),
    outputRef,
    compensation: compensation.optional(),
  }),
  z.object({ kind: z.literal('failed'), failure }),
  z.object({
    kind: z.literal('unknown'),
    deadline: instant,
    because: z.string().meta(personal),
    code: z.string().optional(),
  }),
  z.object({
    kind: z.literal('refused'),
    code: z.string(),
    message: z.string().meta(personal),
    unsafe: z.boolean(),
    stop: stopNote.optional(),
  }),
]);
export type CallOutcome = z.output<typeof callOutcome>;

const outputCheck = z
  .object({
    tool: z.string().describe('Which gave the output'),
    toolHash: z.string(),
    influencedBy: influencedBy.optional(),
    principal: runPrincipal,
  })
  .describe(
    'Asks policy whether the recorded output may travel on. The id of the event is the id of the check',
  );

export const CallRecorded = defineEvent(
  'call.recorded',
  1,
  z.object({
    requestId,
    step,
    outcome: callOutcome,
    tookMs: z.number().min(0).optional(),
    check: outputCheck.optional(),
  }),
);

/** No answer by `notAfter` + timeout + skew: still open, shown to people. */
export const CallOverdue = defineEvent('call.overdue', 1, z.object({ requestId, step }));

/** The executor has no place for it yet, or its target is away; without `for`: it goes on now. Shown to people. */
export const CallPlaceAwaited = defineEvent(
  'call.place_awaited',
  1,
  z.object({ requestId, step, for: z.string().optional(), kind: awaited }),
);

/** An outcome that arrived after its attempt had been closed as unknown. */
export const LateOutcomeRecorded = defineEvent(
  'call.late_recorded',
  1,
  z.object({
    requestId,
    step,
    callHash,
    outcome: lateOutcome,
    effect: z.enum(['answers', 'agrees', 'escalates']).describe('What it changed'),
    check: outputCheck.optional(),
  }),
);

export const VerdictRecorded = defineEvent(
  'verdict.recorded',
  1,
  z.object({
    checkId: partId,
    requestId: judgedRequestId,
    planId: judgedPlanId,
    step,
    point: z.enum(['before', 'after']),
    verdict: z.enum(['allow', 'deny']),
    approval: approvalRequirement.optional(),
    redact: z.array(z.string()).optional(),
    bundle: z.string(),
    policies: z.array(z.string()),
    reason: z
      .string()
      .meta(personal)
      .optional()
      .describe(
        'For people; it may hold an engine’s own words about the data. Absent: the policies alone say it',
      ),
  }),
);

/** A call in doubt is taken up again: the verify tool is asked, or the same key is repeated, or a person decides. */
export const RecoveryStarted = defineEvent(
  'call.recovery_started',
  1,
  z.object({ step, callHash, by: z.enum(['idempotency-key', 'verify', 'ask-human']), notBefore: instant }),
);

/** What recovery found out. */
export const DoubtResolved = defineEvent(
  'call.doubt_resolved',
  1,
  z.object({
    step,
    callHash,
    happened: z.boolean(),
    output: z.unknown().meta(personal).optional(),
    outputRef,
    compensation: compensation.optional(),
    by: z.enum(['repeat', 'verify', 'person', 'late']),
  }),
);
