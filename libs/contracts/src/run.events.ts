import { z } from 'zod';
import { agentEvents } from './agent.events.js';
import {
  ApprovalDenied,
  ApprovalEscalated,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalOpened,
  ApprovalReminded,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
  shapedBy,
} from './approval.events.js';
import { autonomyLevel } from './autonomy.js';
import { internal, personal, toolInput, workflowInput } from './classification.js';
import { stopNote } from './control.events.js';
import { defineEvent, type MessageOf } from './define.js';
import { failure } from './failure.js';
import { influencedBy } from './influence.js';
import { approvalId, partId } from './part.id.js';
import { approvalRequirement, judgedPlanId, judgedRequestId } from './policy.events.js';
import { identity, salt } from './run.commands.js';
import { runPrincipal } from './run.principal.js';
import { stepPath } from './step.path.js';
import { compensation, lateOutcome } from './tool.events.js';

const step = stepPath;
const requestId = partId;
const callHash = z.string();
const instant = z.number().int().describe('UTC instant, ms');

export const RunStarted = defineEvent(
  'run.started',
  1,
  z.object({
    commandId: z.string(),
    rootRunId: z.string(),
    requestHash: z.string().meta(internal).describe('A plain hash of the input, so it is not shown'),
    salt,
    by: identity,
    workflow: z.object({ name: z.string(), version: z.number().int(), hash: z.string() }),
    compiled: z.unknown().meta(internal).describe('The compiled workflow: this log alone rebuilds the run'),
    input: z.unknown().meta(workflowInput),
    deadline: instant.describe('The wall-time budget ends here, UTC, ms'),
  }),
);

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
    arguments: z.unknown().meta(toolInput),
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
    output: z.unknown().meta(personal),
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

/** The executor has no place for it yet; without `for`: it has one now. Shown to people. */
export const CallPlaceAwaited = defineEvent(
  'call.place_awaited',
  1,
  z.object({ requestId, step, for: z.string().optional() }),
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
    compensation: compensation.optional(),
    by: z.enum(['repeat', 'verify', 'person', 'late']),
  }),
);

export const StepCompleted = defineEvent(
  'step.completed',
  1,
  z.object({
    step,
    output: z
      .unknown()
      .meta(personal)
      .optional()
      .describe('Absent when it is the recorded output of the step’s call'),
    via: z
      .enum(['call', 'table', 'wait', 'value', 'approval', 'agent', 'baseline'])
      .describe('Where the output came from'),
    detail: z.string().optional().describe('The matching rule of a table, the name of a signal'),
  }),
);
export const StepFailed = defineEvent('step.failed', 1, z.object({ step, failure }));
export const StepSkipped = defineEvent(
  'step.skipped',
  1,
  z.object({
    step,
    because: z.enum(['condition', 'needs', 'operator', 'not_needed']),
    reason: z.string().meta(personal).optional(),
    commandId: z.string().optional().describe('Of the operator’s command'),
    by: identity.optional(),
  }),
);
export const StepRetryScheduled = defineEvent(
  'step.retry_scheduled',
  1,
  z.object({ step, failure, attempt: z.number().int(), due: instant, counts: z.boolean() }),
);
export const StepFellBack = defineEvent(
  'step.fell_back',
  1,
  z.object({
    step,
    failure,
    to: z.string().optional().describe('Fallback step; absent for a fallback value'),
  }),
);
/** Its call, or its request to a model, falls under a stop: it was not started, and is asked for again once the stop is lifted. */
export const StepStopped = defineEvent('step.stopped', 1, z.object({ step, stop: stopNote }));
/** A person must decide what becomes of the step. */
export const StepParked = defineEvent(
  'step.parked',
  1,
  z.object({ step, because: z.enum(['in_doubt', 'escalated', 'denied']), failure }),
);
export const StepResumed = defineEvent(
  'step.resumed',
  1,
  z.object({
    step,
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    generation: z.number().int(),
  }),
);

export const WaitStarted = defineEvent(
  'wait.started',
  1,
  z.object({ step, until: instant.optional(), signal: z.string().optional() }),
);
export const SignalReceived = defineEvent(
  'signal.received',
  1,
  z.object({
    commandId: z.string(),
    by: identity,
    name: z.string(),
    data: z.unknown().meta(personal),
    reason: z.string().meta(personal),
  }),
);

/**
 * Asks people, once for each id. `call`: a verdict requires it before this call may run. `question`: a step of the workflow asks.
 * The approval service shows and hashes what it finds here; executors compare that with the verdict and the call they see, so
 * nothing is granted by what a request claims.
 */
export const ApprovalRequested = defineEvent(
  'approval.requested',
  1,
  z.object({
    approvalId: approvalId.describe('The run’s id, a dot and the seq of this event'),
    step,
    subject: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('call'),
        requestId,
        tool: z.string(),
        toolHash: z.string(),
        arguments: z.unknown().meta(toolInput),
        occurrence: z.number().int().min(1),
        generation: z.number().int().min(1),
      }),
      z.object({
        kind: z.literal('question'),
        question: z.string().meta(personal),
        details: z.unknown().meta(personal).optional(),
        generation: z.number().int().min(1),
      }),
    ]),
    salt,
    callHash: callHash.describe('Of the call, or of the question: what a vote is for'),
    requirement: approvalRequirement,
    why: z.array(z.string()).describe('Ids of the policies that ask'),
    reason: z.string().meta(personal).describe('For people'),
    influencedBy: influencedBy.optional(),
    requester: z.string(),
    shapedBy,
    tenant: z.string().optional().describe('Whose people vote'),
  }),
);

/** The run no longer wants what it asked people for. */
export const ApprovalUnneeded = defineEvent(
  'approval.unneeded',
  1,
  z.object({
    approvalId,
    step,
    because: z
      .enum(['cancelled', 'timeout', 'failed', 'skipped', 'answered', 'changed'])
      .describe(
        'answered: it had happened after all; changed: what the call was made from is not what it was',
      ),
  }),
);

export const RunCancelling = defineEvent(
  'run.cancelling',
  1,
  z.object({
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    rollback: z.boolean().optional().describe('Absent: false'),
  }),
);
export const RunPaused = defineEvent(
  'run.paused',
  1,
  z.object({ commandId: z.string(), by: identity, reason: z.string().meta(personal) }),
);
export const RunResumed = defineEvent(
  'run.resumed',
  1,
  z.object({ commandId: z.string(), by: identity, reason: z.string().meta(personal) }),
);

/**
 * A decision broke, and what it was about waits with the run: nothing new starts until an operator resumes or cancels it, retries or
 * skips a step, or its time is up. Then what waited is taken once more.
 */
export const RunParked = defineEvent(
  'run.parked',
  1,
  z.object({
    code: z.string().describe('decision.threw or decision.too_large'),
    input: z
      .object({
        kind: z.enum(['message', 'poison', 'due', 'recovered', 'result']),
        type: z.string().optional().describe('Of the message'),
        id: partId.optional().describe('Of the message'),
      })
      .describe('What could not be decided on'),
  }),
);
export const RunUnparked = defineEvent(
  'run.unparked',
  1,
  z.object({ because: z.enum(['cancel', 'resume', 'retry', 'skip', 'deadline']) }),
);

/** Every write has been answered: what happened is undone from here on, last first. */
export const RollbackStarted = defineEvent(
  'rollback.started',
  1,
  z.object({
    because: z.enum(['failed', 'cancelled']),
    failure: failure.optional().describe('Why the run fails, where no step of it has failed'),
    writes: z
      .array(z.object({ step, tool: z.string(), callHash }))
      .describe('What is to be undone, in the order of undoing'),
  }),
);
export const StepCompensated = defineEvent(
  'step.compensated',
  1,
  z.object({
    step,
    callHash: callHash.describe('Of the call that was undone'),
    by: callHash.describe('Of the compensating call'),
  }),
);
/** The write stands: its compensation failed, was denied, or does not exist. */
export const CompensationFailed = defineEvent(
  'step.compensation_failed',
  1,
  z.object({ step, callHash: callHash.describe('Of the call that stands'), failure }),
);
export const CommandRefused = defineEvent(
  'command.refused',
  1,
  z.object({
    commandId: z.string(),
    command: z.string(),
    code: z.string(),
    message: z.string().meta(personal),
  }),
);
export const BudgetWarned = defineEvent(
  'run.budget_warned',
  1,
  z.object({ budget: z.string(), used: z.number(), limit: z.number() }),
);

/** The checkpoint of record: what the fold up to and including `seq` hashed to when it was written. */
export const RunCheckpointed = defineEvent(
  'run.checkpointed',
  1,
  z.object({ seq: z.number().int(), stateVersion: z.number().int(), stateHash: z.string() }),
);

export const RunCompleted = defineEvent(
  'run.completed',
  1,
  z.object({
    output: z.unknown().meta(personal),
    success: z.boolean(),
    influencedBy: influencedBy.optional(),
  }),
);
export const RunFailed = defineEvent('run.failed', 1, z.object({ failure, step: step.optional() }));
export const RunCancelled = defineEvent('run.cancelled', 1, z.object({ reason: z.string().meta(personal) }));
/** Ended, and nothing the run wrote stands. */
export const RunRolledBack = defineEvent(
  'run.rolled_back',
  1,
  z.object({
    because: z.enum(['failed', 'cancelled']),
    failure,
    step: step.optional(),
    undone: z.array(z.object({ step, tool: z.string(), callHash })).describe('In the order of undoing'),
  }),
);
/** Ended, and a person has to look: names the writes that stand. */
export const RunEscalated = defineEvent(
  'run.escalated',
  1,
  z.object({
    failure,
    step: step.optional(),
    standing: z
      .array(z.object({ step, tool: z.string(), callHash }))
      .describe('Writes that happened and stand'),
  }),
);

export const runLifeEvents = [
  RunStarted,
  CallRequested,
  CallRevoked,
  CallRecorded,
  CallOverdue,
  CallPlaceAwaited,
  LateOutcomeRecorded,
  VerdictRecorded,
  RecoveryStarted,
  DoubtResolved,
  StepCompleted,
  StepFailed,
  StepSkipped,
  StepRetryScheduled,
  StepFellBack,
  StepStopped,
  StepParked,
  StepResumed,
  WaitStarted,
  SignalReceived,
  ...agentEvents,
  ApprovalRequested,
  ApprovalUnneeded,
  ApprovalOpened,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalReminded,
  ApprovalEscalated,
  ApprovalGranted,
  ApprovalDenied,
  ApprovalExpired,
  ApprovalWithdrawn,
  RunCancelling,
  RunPaused,
  RunResumed,
  RunParked,
  RunUnparked,
  RollbackStarted,
  StepCompensated,
  CompensationFailed,
  CommandRefused,
  BudgetWarned,
  RunCheckpointed,
  RunCompleted,
  RunFailed,
  RunCancelled,
  RunRolledBack,
  RunEscalated,
] as const;
export type RunEvent = MessageOf<(typeof runLifeEvents)[number]>;

/** Those that end a run. */
export const terminalEvents = [RunCompleted, RunFailed, RunCancelled, RunRolledBack, RunEscalated] as const;
export type TerminalEvent = MessageOf<(typeof terminalEvents)[number]>;

export const terminalEventTypes: ReadonlySet<string> = new Set(terminalEvents.map(({ type }) => type));
