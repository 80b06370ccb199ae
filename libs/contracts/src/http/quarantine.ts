import { z } from 'zod';
import { serviceNames } from '../topics.js';
import {
  commandIdText,
  cursorOf,
  instantText,
  limitOf,
  nextCursor,
  reasonText,
  type Shown,
} from './fields.js';

export const quarantinedIdText = z
  .string()
  .regex(/^[a-z-]{1,40}\.\d{1,6}\.\d{1,16}$/, 'is no id of a message in quarantine');

export const quarantineQuery = z.strictObject({
  service: z.enum(serviceNames).optional().describe('Only what this service has set aside'),
  code: z.string().min(1).max(200).optional(),
  limit: limitOf(50, 500),
  cursor: cursorOf(/^\d{1,16}\/[a-z-]{1,40}\.\d{1,6}\.\d{1,16}$/).optional(),
});

export const quarantined = z
  .object({
    id: z.string(),
    service: z.string().describe('Which could not handle it'),
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
    part: z.int().optional(),
    types: z.array(z.string()).describe('Of the message, as far as its headers say them'),
    key: z.string(),
    code: z.string(),
    message: z.string(),
    at: instantText,
    bytes: z.int().describe('Of its value'),
    redrivable: z.boolean(),
    because: z.string().optional().describe('Why it cannot be redriven'),
  })
  .meta({ id: 'Quarantined' });
/** A message that a service has set aside. What it says is not shown. */
export type Quarantined = Shown<z.output<typeof quarantined>>;

export const quarantinePage = z.object({ items: z.array(quarantined), next: nextCursor.optional() });
export type QuarantinePage = Shown<z.output<typeof quarantinePage>>;

export const redriveBody = z
  .strictObject({ reason: reasonText, commandId: commandIdText.optional() })
  .meta({ id: 'Redrive' });

export const redriven = z.object({ id: z.string(), topic: z.string(), partition: z.int() });
export type Redriven = Shown<z.output<typeof redriven>>;
