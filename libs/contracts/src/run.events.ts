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
import {
  CallOverdue,
  CallPlaceAwaited,
  CallRecorded,
  CallRequested,
  CallRevoked,
  DoubtResolved,
  LateOutcomeRecorded,
  RecoveryStarted,
  VerdictRecorded,
} from './call.events.js';
import { amounts, childEvents, childOfRun, parentOfRun } from './child.events.js';
import { internal, personal, toolInput, workflowInput } from './classification.js';
import { defineEvent, type MessageOf } from './define.js';
import { erasureEvents, ValuesErasing } from './erasure.events.js';
import { failure } from './failure.js';
import { formEvents } from './form.events.js';
import { influencedBy, inheritedInfluence } from './influence.js';
import { OperatorEscalated } from './operator.events.js';
import { approvalId, partId } from './part.id.js';
import { approvalRequirement } from './policy.events.js';
import { questionEvents } from './question.events.js';
import { identity, salt, stepNames } from './run.commands.js';
import { scopeEvents } from './scope.events.js';
import { SlaBreached } from './sla.events.js';
import {
  SignalReceived,
  StepCompleted,
  StepFailed,
  StepFellBack,
  StepParked,
  StepResolved,
  StepResumed,
  StepRetryScheduled,
  StepSkipped,
  StepStopped,
  WaitStarted,
} from './step.events.js';
import { stepPath } from './step.path.js';
import { argumentsRef, inputRef, outputRef } from './stored.value.js';

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
    input: z.unknown().meta(workflowInput).optional(),
    inputRef,
    deadline: instant.describe('The wall-time budget ends here, UTC, ms'),
    parent: parentOfRun.optional().describe('The run that started it; absent: somebody did'),
    budget: amounts.optional().describe('What its parent lets it use; absent: what its workflow says'),
    inherited: z.array(inheritedInfluence).min(1).optional(),
    shapedBy: shapedBy.optional().describe('Who shaped its input, besides whoever started the root run'),
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
        arguments: z.unknown().meta(toolInput).optional(),
        argumentsRef,
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
  z.object({ because: z.enum(['cancel', 'resume', 'retry', 'skip', 'resolve', 'deadline']) }),
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
    children: z
      .array(childOfRun)
      .optional()
      .describe('Children that are told to undo what they did, likewise'),
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
    output: z.unknown().meta(personal).optional(),
    outputRef,
    success: z.boolean(),
    influencedBy: influencedBy.optional(),
  }),
);
const resumable = z
  .literal(true)
  .optional()
  .describe('An operator may take it up again, until it is closed or lapses');

export const RunFailed = defineEvent(
  'run.failed',
  1,
  z.object({ failure, step: step.optional(), resumable }),
);
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
    children: z.array(childOfRun).optional().describe('Children that have undone what they did'),
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
    children: z.array(childOfRun).optional().describe('Children of which something stands'),
    resumable,
  }),
);

/**
 * A run that had ended goes on: `from`, whatever had not closed, and all that comes after them begin anew, as another generation. Its log has one
 * terminal event for each time it ends.
 */
export const RunReopened = defineEvent(
  'run.reopened',
  1,
  z.object({
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    from: step,
    anew: z
      .array(step)
      .optional()
      .describe(
        'The steps of the workflow that begin anew, `from` among them. What people approved of them no longer counts',
      ),
    ended: z.enum(['failed', 'escalated']).describe('How it had ended'),
    workflow: z
      .object({ name: z.string(), version: z.number().int() })
      .describe('For readers that have forgotten the run'),
    deadline: instant.describe('The wall-time budget ends here now, UTC, ms'),
  }),
);
/** A person has looked at a run that had to be looked at. */
export const RunClosed = defineEvent(
  'run.closed',
  1,
  z.object({ commandId: z.string(), by: identity, reason: z.string().meta(personal) }),
);
/** Nobody has taken it up again in time: what that would have taken is forgotten. */
export const RunLapsed = defineEvent('run.lapsed', 1, z.object({}));

/**
 * The run goes on as another version of its workflow says. What has begun keeps its place; whatever is undone later is undone as the version
 * says under which it was done. From the workflow in this event and the names in `map` follows everything else.
 */
export const RunMigrated = defineEvent(
  'run.migrated',
  1,
  z.object({
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    from: z.object({ version: z.number().int(), hash: z.string() }),
    workflow: z.object({ name: z.string(), version: z.number().int(), hash: z.string() }),
    compiled: z.unknown().meta(internal).describe('The compiled workflow: this log alone rebuilds the run'),
    map: stepNames.optional().describe('Steps that are called otherwise from here on'),
    deadline: instant.describe('The wall-time budget ends here now, UTC, ms'),
    added: z.array(z.string()).describe('Steps of the workflow that it had not'),
    removed: z.array(z.string()).describe('Steps that had not begun and are gone'),
    undoneAsBefore: z
      .array(z.string())
      .describe('Steps whose writes are undone as `from` says, by the names they had then'),
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
  StepResolved,
  WaitStarted,
  ...formEvents,
  ...questionEvents,
  SlaBreached,
  OperatorEscalated,
  SignalReceived,
  ...scopeEvents,
  ...agentEvents,
  ...childEvents,
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
  RunReopened,
  RunClosed,
  RunLapsed,
  RunMigrated,
  ...erasureEvents,
] as const;
export type RunEvent = MessageOf<(typeof runLifeEvents)[number]>;

/** Those that end a run. */
export const terminalEvents = [RunCompleted, RunFailed, RunCancelled, RunRolledBack, RunEscalated] as const;
export type TerminalEvent = MessageOf<(typeof terminalEvents)[number]>;

export const terminalEventTypes: ReadonlySet<string> = new Set(terminalEvents.map(({ type }) => type));

/** Whether nobody can take the run up again behind this event. */
export function endsForGood({ type, data }: { readonly type: string; readonly data: object }): boolean {
  if (type === RunClosed.type || type === RunLapsed.type || type === ValuesErasing.type) return true;
  return terminalEventTypes.has(type) && !('resumable' in data && data.resumable === true);
}
