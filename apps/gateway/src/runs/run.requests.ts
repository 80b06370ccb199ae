import { isDerivedRunId } from '@interlock/contracts';
import { z } from 'zod';
import { commandIdText, limitOf, reasonText, runIdText, seqNumber, waitMs } from '../http/request.schema.js';
import { runStatuses } from '../read-model/run.view.js';
import { cursorPattern } from '../read-model/run-queries.js';

const EVENTS_STANDARD = 1_000;
const EVENTS_MAX = 10_000;

export const startRunBody = z.strictObject({
  workflow: z.string().min(1).max(200),
  version: z.number().int().min(1).optional(),
  input: z.unknown().refine((input) => input !== undefined, 'is required'),
  runId: runIdText
    .refine(
      (text) => !isDerivedRunId(text),
      'UUIDs of version 8 are those that Idempotency-Keys name: choose another form',
    )
    .optional(),
});
export type StartRunBody = z.output<typeof startRunBody>;

export const startRunQuery = z.strictObject({ wait: waitMs.optional() });

export const listRunsQuery = z.strictObject({
  status: z.enum(runStatuses).optional(),
  workflow: z.string().min(1).max(200).optional(),
  limit: limitOf(50, 500),
  cursor: z.string().regex(cursorPattern, 'is not a cursor of this list').optional(),
});

export const eventsQuery = z.strictObject({
  limit: limitOf(EVENTS_STANDARD, EVENTS_MAX),
  cursor: seqNumber.optional(),
});

export const stateQuery = z.strictObject({ at: seqNumber.optional() });
export const noQuery = z.strictObject({});

const reason = reasonText;

const common = { reason, commandId: commandIdText.optional() };

export const runCommandBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('cancel'), ...common, rollback: z.boolean().default(false) }),
  z.strictObject({ type: z.literal('pause'), ...common }),
  z.strictObject({ type: z.literal('resume'), ...common }),
  z.strictObject({
    type: z.literal('signal'),
    ...common,
    name: z.string().min(1).max(200),
    data: z.unknown().optional(),
  }),
  z.strictObject({ type: z.literal('retry'), ...common, step: z.string().min(1).max(500) }),
  z.strictObject({ type: z.literal('skip'), ...common, step: z.string().min(1).max(500) }),
]);
export type RunCommandBody = z.output<typeof runCommandBody>;
