import { z } from 'zod';
import { BULK_RUNS_MAX } from '../bulk.commands.js';
import {
  commandIdText,
  cursorOf,
  instantText,
  limitOf,
  nextCursor,
  reasonText,
  type Shown,
} from './fields.js';
import { bulkCommandBody } from './run.command.js';

export const bulkBody = z
  .strictObject({
    filter: z.string().min(1).max(2_000).describe('Which runs, as `filter` of `GET /v1/runs` says it'),
    command: bulkCommandBody,
    reason: reasonText,
    dryRun: z.boolean().default(false).describe('Only count'),
    commandId: commandIdText.optional(),
  })
  .meta({ id: 'BulkOrder' });
export type BulkBody = Shown<z.output<typeof bulkBody>>;

export const bulkAnswer = z.object({
  bulkId: z.string().optional().describe('Absent: it was only counted'),
  matched: z.int().min(0).describe('Runs that fit the filter'),
});
export type BulkAnswer = Shown<z.output<typeof bulkAnswer>>;

export const bulkIdText = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'is no id of a bulk order');

export const bulkResults = ['open', 'done', 'refused'] as const;

export const bulkQuery = z.strictObject({
  result: z.enum(bulkResults).optional(),
  limit: limitOf(50, 500),
  cursor: cursorOf(/^[1-9]\d{0,8}$/).optional(),
});

const item = z.object({
  runId: z.string(),
  commandId: z.string().describe('Of the command that this run was given'),
  result: z
    .enum(bulkResults)
    .describe('`open`: the run has not answered yet, or this gateway has not looked yet; `done`: it did so'),
  code: z.string().optional().describe('Why the run refused it'),
  message: z.string().optional(),
});
export type BulkItem = Shown<z.output<typeof item>>;

const bulkSummary = z
  .object({
    bulkId: z.string(),
    tenant: z.string().optional(),
    by: z.string(),
    at: instantText,
    filter: z.string(),
    reason: z.string(),
    command: z.string().describe('`cancel`, `retry`, ...'),
    matched: z.int().min(1).max(BULK_RUNS_MAX),
    given: z.boolean().describe('Every run has been told'),
  })
  .meta({ id: 'Bulk' });
export type BulkSummary = Shown<z.output<typeof bulkSummary>>;

export const bulkList = z.object({ items: z.array(bulkSummary).describe('Newest first') });
export type BulkList = Shown<z.output<typeof bulkList>>;

export const bulkShown = bulkSummary
  .extend({
    counts: z.object({ open: z.int().min(0), done: z.int().min(0), refused: z.int().min(0) }),
    items: z.array(item),
    next: nextCursor.optional(),
  })
  .meta({ id: 'BulkState' });
export type BulkShown = Shown<z.output<typeof bulkShown>>;
