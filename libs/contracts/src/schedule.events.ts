import { z } from 'zod';
import { defineEvent, type MessageOf } from './define.js';
import { codesOf } from './errors/error.entry.js';
import { scheduleErrors } from './errors/schedule.errors.js';
import { identity } from './run.commands.js';
import { scheduleName, scheduleSpec } from './schedule.spec.js';
import { instant } from './time.js';

/** What has become of schedules: `schedule.events`, by the orchestrator. */

const schedule = {
  name: scheduleName,
  tenant: z.string().optional().describe('Absent: the default one'),
};
const at = instant.describe('UTC instant, ms');
const next = instant.nullable().describe('The due time after this; null: there is none');
const runId = z.string().min(1);

const said = {
  ...schedule,
  spec: scheduleSpec,
  by: identity.describe('In whose name its runs start: who has said what they do'),
  revision: z.int().min(1),
  anchor: instant.describe('Where an interval counts from, UTC ms'),
  next,
  commandId: z.string(),
  at,
};

export const ScheduleCreated = defineEvent('schedule.created', 1, z.object(said));

export const ScheduleChanged = defineEvent(
  'schedule.changed',
  1,
  z.object({ ...said, changedBy: identity.describe('Who has given the command') }),
);

export const ScheduleDeleted = defineEvent(
  'schedule.deleted',
  1,
  z.object({ ...schedule, commandId: z.string(), by: identity, at }),
);

/** The schedule stops by itself, because what is due cannot be decided on. */
export const ScheduleHalted = defineEvent(
  'schedule.halted',
  1,
  z.object({ ...schedule, code: z.string(), message: z.string().max(2_000), at }),
);

export const scheduleRefusals = codesOf(scheduleErrors);

export const ScheduleRefused = defineEvent(
  'schedule.refused',
  1,
  z.object({
    ...schedule,
    commandId: z.string(),
    code: z.enum(scheduleRefusals),
    message: z.string().max(2_000),
    by: identity,
    at,
  }),
);

/** A due time waits for the run before it to end. */
export const DueQueued = defineEvent('schedule.queued', 1, z.object({ ...schedule, due: instant, next }));

export const skipReasons = [
  'missed',
  'overlap',
  'queue_full',
  'replaced',
  'changed',
  'workflow_unknown',
  'input_refused',
] as const;

/** Due times that start nothing. */
export const DueSkipped = defineEvent(
  'schedule.skipped',
  1,
  z.object({
    ...schedule,
    from: instant.describe('The first due time'),
    to: instant.describe('The last one; the same for a single one'),
    because: z.enum(skipReasons),
    message: z.string().max(2_000),
    next,
  }),
);

/** A due time starts a run. The order for it follows from this, again and again until it is known to be given. */
export const DueStarted = defineEvent(
  'schedule.started',
  1,
  z.object({
    ...schedule,
    due: instant,
    runId,
    key: z.string().describe('From which `runId` follows'),
    workflow: z.object({ name: z.string(), version: z.int(), hash: z.string() }),
    watched: z.boolean().describe('Whether its end decides what later due times do'),
    next,
  }),
);

/** A due time that does not wait ends the run before it. */
export const RunSuperseded = defineEvent(
  'schedule.superseded',
  1,
  z.object({ ...schedule, runId, due: instant }),
);

/** The order to start or to cancel the run is in `run.orders`. */
export const RunOrdered = defineEvent(
  'schedule.ordered',
  1,
  z.object({ ...schedule, runId, order: z.enum(['start', 'cancel']) }),
);

/** A new host gives every order again that is not known to be given: once this is in the log, so is everything that was decided before. */
export const OrdersResumed = defineEvent('schedule.orders_resumed', 1, z.object({ at }));

/** A run that was watched has ended. */
export const ScheduledRunEnded = defineEvent(
  'schedule.run_ended',
  1,
  z.object({ ...schedule, runId, end: z.string().describe('Type of its last event') }),
);

export const scheduleLifeEvents = [
  ScheduleCreated,
  ScheduleChanged,
  ScheduleDeleted,
  ScheduleHalted,
  ScheduleRefused,
  DueQueued,
  DueSkipped,
  DueStarted,
  RunSuperseded,
  RunOrdered,
  OrdersResumed,
  ScheduledRunEnded,
] as const;
export type ScheduleEvent = MessageOf<(typeof scheduleLifeEvents)[number]>;
