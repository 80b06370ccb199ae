import { z } from 'zod';
import { personal } from './classification.js';
import { defineCommand, type MessageOf } from './define.js';
import { identity } from './run.commands.js';
import { instant } from './time.js';

/** One order names all its runs, so that it is whole or not there. */
export const BULK_RUNS_MAX = 10_000;

/** What each run is told, without what differs from run to run. */
export const bulkCommand = z.object({
  wire: z.string().describe('`type/version` of the command'),
  fields: z.record(z.string(), z.unknown()).meta(personal).describe('Its own fields, beside the reason'),
});

const runId = z.string().min(1).max(100);

/** One of its runs. */
export const bulkRun = z.object({
  runId,
  rootRunId: runId.optional().describe('By which it has its partition; absent: its own id'),
});
export type BulkRun = z.output<typeof bulkRun>;

export const bulkOrder = {
  bulkId: z.string().min(1).max(100),
  filter: z.string().max(2_000).meta(personal).describe('By which the runs were found; for people'),
  reason: z.string().max(2_000).meta(personal),
  command: bulkCommand,
  runs: z.array(bulkRun).min(1).max(BULK_RUNS_MAX),
};

/** Tells many runs the same, in `schedule.commands`. The orchestrator answers in `schedule.events`. */
export const OrderBulk = defineCommand(
  'bulk.order',
  1,
  z.object({
    commandId: z.string().min(1).max(200).describe('Repeats are ignored'),
    by: identity,
    issuedAt: instant.describe('UTC instant, ms'),
    ...bulkOrder,
  }),
);

export const bulkCommandMessages = [OrderBulk] as const;
export type BulkOrderCommand = MessageOf<typeof OrderBulk>;
