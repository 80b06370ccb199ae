import { z } from 'zod';

export const triggerNameText = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits and . _ - only, at most 100');

export const triggerEvent = z
  .looseObject({})
  .describe('Whatever the other system tells: JSON of at most 64 KB')
  .meta({ id: 'TriggerEvent' });

export const fired = z
  .object({
    outcome: z.enum(['ignored', 'started', 'signalled', 'answered']),
    runId: z.string().optional(),
    commandId: z.string().optional(),
  })
  .meta({ id: 'Fired' });
