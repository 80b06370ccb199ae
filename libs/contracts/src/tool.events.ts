import { z } from 'zod';
import { personal, toolInput } from './classification.js';
import { stopNote, stoppable } from './control.events.js';
import { defineCommand, defineEvent, type MessageOf } from './define.js';
import { callErrors } from './errors/call.errors.js';
import { codesOf } from './errors/error.entry.js';
import type { CodeOf } from './errors/index.js';
import { failure } from './failure.js';
import { partId } from './part.id.js';
import { argumentsRef, outputRef } from './stored.value.js';
import { instant } from './time.js';

const requestId = partId.describe('Id of the `call.requested` this answers');
const about = { requestId, callHash: z.string() };

/** The call that undoes what happened, as the tool's `compensate.with` worked it out from input and output. */
export const compensation = z.object({ tool: z.string(), arguments: z.unknown().meta(personal) });
export type Compensation = z.output<typeof compensation>;

/** Write-ahead intent: durable before the call is made. */
export const ToolAttemptStarted = defineEvent(
  'tool.attempt_started',
  1,
  z.object({
    ...about,
    tool: z.string(),
    toolHash: z.string(),
    arguments: z.unknown().meta(toolInput).optional().describe('What the tool is about to be given'),
    argumentsRef,
    attempt: z.number().int().min(1).default(1),
    stoppable,
    deadline: instant.describe('UTC instant, ms: the attempt touches nothing after it'),
    root: z
      .string()
      .optional()
      .describe('The run above all, under which values are kept; absent: the run itself'),
    keyed: z
      .boolean()
      .describe('The target honours the idempotency key, so an unknown outcome closes at once'),
  }),
);

export const ToolSucceeded = defineEvent(
  'tool.succeeded',
  1,
  z.object({
    requestId,
    output: z.unknown().meta(personal).optional(),
    outputRef,
    tookMs: z.number().min(0),
    compensation: compensation
      .optional()
      .describe('Of the call that happened; for a verification, of the call it found'),
  }),
);

export const ToolFailed = defineEvent(
  'tool.failed',
  1,
  z.object({ requestId, failure, tookMs: z.number().min(0) }),
);

/** An attempt that may or may not have happened: never retried blindly. */
export const ToolOutcomeUnknown = defineEvent(
  'tool.outcome_unknown',
  1,
  z.object({
    requestId,
    deadline: instant,
    because: z.string().max(2_000).meta(personal),
    code: z
      .string()
      .max(200)
      .optional()
      .describe('Stable across releases, where what became of it has a name'),
  }),
);

/** Code of an attempt that has ended the process in which its tool ran. */
export const CHILD_DIED = 'tool.child_died' satisfies CodeOf<'tool'>;

export const refusalCodes = codesOf(callErrors);

/** Code of a refusal because the target is away: the call was held for as long as its request was good. */
export const CIRCUIT_OPEN = 'circuit_open' satisfies (typeof refusalCodes)[number];
/** The same because no executor here has the tool. */
export const UNAVAILABLE = 'unavailable' satisfies (typeof refusalCodes)[number];

/** Whether a refusal says only that the call was held until its request was good no longer: it is no attempt, and is asked for anew. */
export const isHeldUntilExpired = (code: string): boolean => code === CIRCUIT_OPEN || code === UNAVAILABLE;

/** Nothing was called. `unsafe` counts as a blocked unsafe attempt. */
export const ToolRefused = defineEvent(
  'tool.refused',
  1,
  z.object({
    requestId,
    code: z.enum(refusalCodes),
    message: z.string().max(4_000).meta(personal),
    unsafe: z.boolean(),
    stop: stopNote.optional().describe('With the code `killed`: what stopped it'),
  }),
);

export const lateOutcome = z.union([
  z.object({
    ok: z.literal(true),
    output: z.unknown().meta(personal).optional(),
    outputRef,
    compensation: compensation.optional(),
  }),
  z.object({ ok: z.literal(false), failure }),
]);

/** What holds a call back: no place where its tool's code runs, the target of the tool is away, or nobody here has the tool. */
export const awaited = z
  .enum(['place', 'circuit', 'tool'])
  .default('place')
  .describe(
    'circuit: the target of the tool is away, and one call at a time asks whether it is back; tool: no executor here has it in the version that is pinned',
  );

/** It has waited noticeably for a place where its tool's code runs, or waits for its target; without `for`: it goes on now. */
export const ToolPlaceAwaited = defineEvent(
  'tool.place_awaited',
  1,
  z.object({ requestId, for: z.string().max(2_000).optional(), kind: awaited }),
);

/** What an attempt that was closed as unknown turned out to have done. */
export const ToolOutcomeLate = defineEvent(
  'tool.outcome_late',
  1,
  z.object({ ...about, outcome: lateOutcome }),
);

export const toolCallEvents = [
  ToolAttemptStarted,
  ToolSucceeded,
  ToolFailed,
  ToolOutcomeUnknown,
  ToolRefused,
  ToolOutcomeLate,
  ToolPlaceAwaited,
] as const;
export type ToolEvent = MessageOf<(typeof toolCallEvents)[number]>;

/** An outcome that a deposed executor still came to know; the owner of the partition takes it over. */
export const HandOverOutcome = defineCommand(
  'handover.outcome',
  1,
  z.object({ ...about, runId: z.string(), outcome: lateOutcome }),
);

export const handoverMessages = [HandOverOutcome] as const;
export type Handover = MessageOf<(typeof handoverMessages)[number]>;
