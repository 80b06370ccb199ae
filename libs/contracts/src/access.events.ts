import { z } from 'zod';
import { defineEvent, type MessageOf } from './define.js';
import { instant } from './time.js';

/** A request that the gateway answered, or several refused ones: who asked for what, and how it ended. Bodies are not kept. */
export const AccessRecorded = defineEvent(
  'access.recorded',
  1,
  z.object({
    accessId: z.string(),
    sub: z.string().describe('`anonymous` when nobody was identified'),
    roles: z.array(z.string()),
    tenant: z.string().optional(),
    method: z.string(),
    route: z.string().describe('As declared: /v1/runs/:runId'),
    subject: z
      .string()
      .optional()
      .describe('What the route names: a run, an approval, a schedule, a message in quarantine, and so on'),
    status: z.number().int(),
    at: instant.describe('UTC instant, ms; of several requests the first one’s'),
    count: z
      .number()
      .int()
      .min(2)
      .optional()
      .describe('How many requests of this kind within a minute this record stands for; absent: one'),
  }),
);

export const accessMessages = [AccessRecorded] as const;
export type AccessEvent = MessageOf<(typeof accessMessages)[number]>;
