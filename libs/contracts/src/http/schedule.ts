import { z } from 'zod';
import { durationText, parseDelay, parseDuration } from '../duration.js';
import {
  businessHours,
  CATCH_UP_MS_MAX,
  CATCH_UP_MS_MIN,
  EVERY_MS_MIN,
  overlap,
  scheduleName,
} from '../schedule.spec.js';
import { commandIdText, cursorOf, instantText, limitOf, nextCursor, type Shown } from './fields.js';

export const scheduleNameText = scheduleName;

const between = (text: string, least: number, most: number): boolean => {
  const ms = parseDelay(text);
  return ms !== undefined && ms >= least && ms <= most;
};

const every = durationText
  .refine((text) => (parseDuration(text) ?? EVERY_MS_MIN) >= EVERY_MS_MIN, 'must be at least one second')
  .describe('An interval, counted from when it is set');
const cron = z
  .string()
  .min(1)
  .max(200)
  .describe(
    'Five fields (minute, hour, day of month, month, day of week), or six with seconds in front. A named time (no `*` and no step in its hours, minutes and seconds) is due once where the zone leaves it out (right after the gap) or has it twice (the first time); any other pattern follows the clock',
  );
const timezone = z.string().min(1).max(100).describe('IANA name, `Europe/Berlin`');
const hours = businessHours.describe('Nothing is due outside').meta({ id: 'BusinessHours' });
const catchUp = z
  .string()
  .refine((text) => between(text, CATCH_UP_MS_MIN, CATCH_UP_MS_MAX), 'must be a duration from 10s to 31d')
  .describe('How late a due time is still started, after an outage; older ones are skipped as missed');
const jitter = z
  .string()
  .refine((text) => between(text, 0, 86_400_000), 'must be a duration of at most 1d, or 0s')
  .describe('Starts come up to this much later, each due time always by the same');
const workflow = z.string().min(1).max(200);
const version = z.int().min(1).describe('The newest when it is due, when absent');
const overlapText = overlap.describe(
  'While a run of the schedule goes on, a due time is skipped, waits (at most 100), cancels that run with a rollback, or starts beside it',
);

export const scheduleBody = z
  .strictObject({
    name: scheduleNameText,
    workflow,
    version: version.optional(),
    input: z
      .unknown()
      .refine((input) => input !== undefined, 'is required')
      .describe('Checked against the workflow’s input schema, now and whenever it is due'),
    every: every.optional(),
    cron: cron.optional(),
    timezone: timezone.default('UTC'),
    hours: hours.optional(),
    overlap: overlapText.default('skip'),
    catchUp: catchUp.default('PT1H'),
    jitter: jitter.default('0s'),
    paused: z.boolean().default(false),
    commandId: commandIdText.optional(),
  })
  .refine((body) => (body.every === undefined) !== (body.cron === undefined), {
    path: ['every'],
    error: 'give exactly one of `every` and `cron`',
  })
  .meta({ id: 'NewSchedule' });
/** As it is sent: what has a default may be left out. */
export type NewSchedule = Shown<z.input<typeof scheduleBody>>;
export type ScheduleBody = Shown<z.output<typeof scheduleBody>>;

export const scheduleChangeBody = z
  .strictObject({
    workflow: workflow.optional(),
    version: version.nullable().optional().describe('null: the newest'),
    input: z.unknown().optional(),
    every: every.optional(),
    cron: cron.optional(),
    timezone: timezone.optional(),
    hours: hours.nullable().optional().describe('null: none'),
    overlap: overlapText.optional(),
    catchUp: catchUp.optional(),
    jitter: jitter.optional(),
    paused: z.boolean().optional(),
    commandId: commandIdText.optional(),
  })
  .refine((body) => body.every === undefined || body.cron === undefined, {
    path: ['every'],
    error: 'give only one of `every` and `cron`',
  })
  .refine((body) => Object.keys(body).some((field) => field !== 'commandId'), 'says nothing to change')
  .meta({ id: 'ScheduleChange' });
export type ScheduleChangeBody = Shown<z.output<typeof scheduleChangeBody>>;

export const schedule = z
  .object({
    name: z.string(),
    tenant: z.string().optional(),
    workflow: z.string(),
    version: z.int().optional(),
    input: z.unknown(),
    every: z.string().optional(),
    cron: z.string().optional(),
    timezone: z.string(),
    hours: hours.optional(),
    overlap,
    catchUp: z.string(),
    jitter: z.string(),
    paused: z.boolean(),
    status: z.enum(['active', 'paused', 'halted', 'deleted']),
    because: z.string().optional().describe('Why it is halted'),
    by: z.string().describe('In whose name its runs start: who has said what they do'),
    createdAt: instantText,
    next: z.array(instantText).describe('The next due times; none while it is not active'),
    runs: z
      .array(z.object({ runId: z.string(), due: instantText }))
      .describe('Runs whose end decides what later due times do'),
    queued: z.array(instantText).describe('Due times that wait for a run to end'),
    last: z
      .array(z.object({ due: instantText, outcome: z.string(), runId: z.string().optional() }))
      .describe('What came of the last due times, oldest first: started, queued, or why they were skipped'),
  })
  .meta({ id: 'Schedule' });
/** A schedule, as the interface shows it. */
export type Schedule = Shown<z.output<typeof schedule>>;

export const scheduleQuery = z.strictObject({
  tenant: z
    .string()
    .max(200)
    .optional()
    .describe(
      'Whose, for who reads those of every tenant, where several have one of this name; empty: of none',
    ),
});

export const listSchedulesQuery = z.strictObject({
  limit: limitOf(50, 500),
  cursor: cursorOf(/^schedule\/[a-z0-9][a-z0-9._-]{0,99}(@[\s\S]{1,200})?$/).optional(),
});

export const listedSchedule = schedule.omit({ input: true }).meta({ id: 'ListedSchedule' });
/** The same, as lists have it: without what its runs are given. */
export type ListedSchedule = Shown<z.output<typeof listedSchedule>>;

export const scheduleList = z.object({ items: z.array(listedSchedule), next: nextCursor.optional() });
export type ScheduleList = Shown<z.output<typeof scheduleList>>;
