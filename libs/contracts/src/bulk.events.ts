import { z } from 'zod';
import { bulkOrder } from './bulk.commands.js';
import { defineEvent, type MessageOf } from './define.js';
import { bulkErrors } from './errors/bulk.errors.js';
import { codesOf } from './errors/error.entry.js';
import { identity } from './run.commands.js';
import { instant } from './time.js';

/** What has become of bulk orders: `schedule.events`, by the orchestrator. */

const bulk = {
  bulkId: bulkOrder.bulkId,
  tenant: z.string().optional().describe('Absent: the default one'),
};
const at = instant.describe('UTC instant, ms');

/** The orders to its runs follow from this, again and again until they are known to be given. */
export const BulkOrdered = defineEvent(
  'bulk.ordered',
  1,
  z.object({ ...bulk, ...bulkOrder, commandId: z.string(), by: identity, at }),
);

/** The orders to all its runs are in `run.orders`. */
export const BulkGiven = defineEvent('bulk.given', 1, z.object({ ...bulk, at }));

export const bulkRefusals = codesOf(bulkErrors);

export const BulkRefused = defineEvent(
  'bulk.refused',
  1,
  z.object({
    ...bulk,
    commandId: z.string(),
    code: z.enum(bulkRefusals),
    message: z.string().max(2_000),
    by: identity,
    at,
  }),
);

export const bulkLifeEvents = [BulkOrdered, BulkGiven, BulkRefused] as const;
export type BulkEvent = MessageOf<(typeof bulkLifeEvents)[number]>;

/** The command that a bulk order gives a run: always the same one, so that the run takes it once. */
export const bulkCommandId = (bulkId: string, runId: string): string => `bulk/${bulkId}/${runId}`;
