import { z } from 'zod';
import { personal } from './classification.js';
import { defineEvent } from './define.js';
import { identity } from './run.commands.js';

const amount = {
  values: z.number().int().min(0).describe('How many'),
  bytes: z.number().int().min(0).describe('All of them together'),
};

/**
 * The values that the run and those below it keep outside of the log are being erased, for good: from here on nobody reads them, and the run is not
 * taken up again. Every run of the family says so; the one above all says who ordered it, and when it is done.
 */
export const ValuesErasing = defineEvent(
  'values.erasing',
  1,
  z.object({
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    root: z
      .string()
      .optional()
      .describe('The run above all, with whose values those of this one go. Absent: it is this one'),
  }),
);

/** What the store holds of them; it is removed from here on. */
export const ValuesCounted = defineEvent('values.counted', 1, z.object(amount));

/** The store has said that it holds none of them any more. */
export const ValuesErased = defineEvent('values.erased', 1, z.object(amount));

export const erasureEvents = [ValuesErasing, ValuesCounted, ValuesErased] as const;
