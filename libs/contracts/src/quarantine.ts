import { z } from 'zod';
import { defineCommand } from './define.js';
import { instant } from './time.js';

/** A message that could not be handled, as it was found, with its cause. */
export const QuarantineMessage = defineCommand(
  'quarantine.message',
  1,
  z.object({
    service: z.string(),
    topic: z.string(),
    partition: z.int().min(0),
    offset: z.int().min(0),
    part: z.number().int().optional().describe('Which part of the record, from 0; absent: the first'),
    key: z.string(),
    headers: z.record(z.string(), z.string()).describe('Base64'),
    value: z.string().nullable().describe('Base64'),
    bytes: z
      .number()
      .int()
      .optional()
      .describe(
        'How long the value is, when only the beginning of it, of its key or of its headers is kept, because it is too long',
      ),
    code: z.string(),
    message: z.string(),
    at: instant,
  }),
);
