import { z } from 'zod';
import { internal, personal } from './classification.js';
import { DURATION_MS_MAX } from './duration.js';

/** What a schedule says: what it starts, and when. */

/** Names a schedule in its tenant, and stands in the keys of the runs that it starts. */
export const scheduleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'lower-case letters, digits and . _ - only, at most 100');

/** The shortest interval: what has to happen more often is a loop in a workflow. */
export const EVERY_MS_MIN = 1_000;
/** A due time is late by what its orchestrator needs to come back, so the window is never shorter. */
export const CATCH_UP_MS_MIN = 10_000;
export const CATCH_UP_MS_MAX = 31 * 86_400_000;

export const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

const timeOfDay = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day like 09:00, at most 24:00');

/** A calendar: what is due at other times is not due at all. */
export const businessHours = z
  .strictObject({
    days: z.array(z.enum(weekdays)).min(1).max(7).describe('Days of the week'),
    from: timeOfDay.describe('Begins, in the schedule’s time zone'),
    to: timeOfDay.describe('Ends; this minute is outside'),
    holidays: z.array(z.iso.date()).max(400).default([]).describe('Days on which nothing is due'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after `from` on the same day' });
export type BusinessHours = z.output<typeof businessHours>;

/** Cron fields are matched in the time zone; an interval counts from when it was set. */
export const timing = z.union([
  z.strictObject({ everyMs: z.int().min(EVERY_MS_MIN).max(DURATION_MS_MAX) }),
  z.strictObject({ cron: z.string().min(1).max(200) }),
]);
export type Timing = z.output<typeof timing>;

export const overlap = z.enum(['skip', 'queue', 'cancel', 'allow']);

export const scheduleSpec = z.object({
  workflow: z.string().min(1).max(200),
  version: z.int().min(1).optional().describe('Absent: the newest when it is due'),
  input: z.unknown().meta(personal),
  timing,
  timezone: z.string().min(1).max(100),
  hours: businessHours.optional(),
  overlap: overlap.describe('What becomes of a due time while a run of the schedule goes on'),
  catchUpMs: z.int().min(CATCH_UP_MS_MIN).max(CATCH_UP_MS_MAX),
  jitterMs: z.int().min(0).max(86_400_000),
  paused: z.boolean(),
  requestHash: z.string().meta(internal).describe('As of a request for the same run'),
});
export type ScheduleSpec = z.output<typeof scheduleSpec>;
