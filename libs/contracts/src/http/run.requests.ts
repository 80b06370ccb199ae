import { z } from 'zod';
import { durationForms, parseDelay } from '../duration.js';
import { isDerivedRunId } from '../run.id.form.js';
import { cursorOf, limitOf, runIdText, type Shown, wholeNumber } from './fields.js';
import { runStatus } from './run.js';

export const startRunBody = z
  .strictObject({
    workflow: z.string().min(1).max(200),
    version: z.int().min(1).optional().describe('The newest when absent'),
    input: z
      .unknown()
      .refine((input) => input !== undefined, 'is required')
      .describe('Checked against the workflow’s input schema'),
    runId: runIdText
      .refine(
        (text) => !isDerivedRunId(text),
        'UUIDs of version 8 are reserved for ids derived from Idempotency-Keys: choose another form',
      )
      .optional(),
  })
  .meta({ id: 'StartRun' });
export type StartRunBody = Shown<z.output<typeof startRunBody>>;

const WAIT_MS_MAX = 60_000;
/** Who waits for no time has the answer at once. */
const isWait = (text: string): boolean => (parseDelay(text) ?? Infinity) <= WAIT_MS_MAX;

export const startRunQuery = z.strictObject({
  wait: z
    .string()
    .refine(isWait, `must be at most 60s, and ${durationForms}`)
    .optional()
    .describe(
      'Wait until the run has ended or waits, at most this long (`30s`, `500ms`, `PT30S`; up to 60 s)',
    ),
});

export const listRunsQuery = z.strictObject({
  status: runStatus.optional(),
  workflow: z.string().min(1).max(200).optional(),
  filter: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe(
      'CEL over `run`: `run.status == "failed" && run.search.customer == "cus-018" && run.startedAt > timestamp("2026-12-01T00:00:00Z")`. Fields: status, workflow, version, requester, approver, tool, failure.code, failure.class, failure.step, waiting, success, startedAt, endedAt, runId, search.NAME; `in`, `startsWith()`, `has()`, `run.text.contains("...")`',
    ),
  words: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'All of these words stand in the run; `"in quotes"`: side by side; `lamp*`: words that begin so',
    ),
  limit: limitOf(50, 500),
  cursor: cursorOf(/^\d{1,16}\.[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/).optional(),
});

export const eventsQuery = z.strictObject({
  limit: limitOf(1_000, 10_000),
  cursor: cursorOf(/^[1-9]\d{0,14}$/).optional(),
});

/** `Last-Event-ID` of a stream. */
export const lastEventId = wholeNumber(0).describe('Streams only: the last seq already seen');

export const stateQuery = z.strictObject({
  at: wholeNumber(1).optional().describe('seq; the newest one when absent'),
});
