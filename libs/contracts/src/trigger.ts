// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { z } from 'zod';
import { durationText, parseDuration } from './duration.js';

/** What an event of another system starts, or tells, that comes signed or stands in a topic of theirs: an artifact of the kind `trigger`. */

/** Of the request that a trigger is fired with, and of a record in a topic. */
export const TRIGGER_BODY_BYTES_MAX = 64 * 1024;
const WINDOW_MS_MAX = 3_600_000;
export const TRIGGER_WINDOW = 'PT5M';

const template = z
  .unknown()
  .refine((value) => value !== undefined, 'is required')
  .describe('JSON in which `${...}` is CEL over `event`');
const expression = z.string().min(1).max(4_000);

/** A topic of others, on the Kafka of this installation. */
export const topicSource = z.strictObject({
  name: z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'the name of a Kafka topic'),
  events: z
    .enum(['cloudevents', 'json'])
    .describe(
      'cloudevents: each record is a CloudEvent, structured or binary. json: each value is a JSON document',
    ),
  from: z
    .enum(['now', 'beginning'])
    .default('now')
    .describe('Where reading begins, the first time: behind what is there by then, or in front of it'),
});
export type TopicSource = z.output<typeof topicSource>;

export const triggerDocument = z.strictObject({
  topic: topicSource.optional().describe('Where its events stand; absent: they come as signed requests'),
  secret: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'the name of an environment variable, such as SHOP_HOOK_SECRET')
    .refine((name) => !/^(INTERLOCK|KAFKA)_/.test(name), 'is a setting of Interlock itself')
    .optional()
    .describe(
      'Names the variable of gateway and orchestrator with the key that signs events; only without `topic`',
    ),
  tenant: z.string().min(1).max(200).optional().describe('Of the runs; absent: none'),
  window: durationText
    .refine((text) => (parseDuration(text) ?? 0) <= WINDOW_MS_MAX, 'must be at most one hour')
    .default(TRIGGER_WINDOW)
    .describe('How old a request may be, and how far ahead its clock'),
  filter: expression.optional().describe('CEL over `event`: what it is false for is passed over'),
  key: expression
    .optional()
    .describe(
      'CEL over `event`, a text: events with the same key are one. Absent: the `webhook-id`; of a CloudEvent its source and id; of JSON its place in the topic',
    ),
  does: z.union([
    z.strictObject({
      start: z.strictObject({
        workflow: z.string().min(1).max(200),
        version: z.int().min(1).optional().describe('Absent: the newest'),
        input: template,
      }),
    }),
    z.strictObject({
      signal: z.strictObject({
        run: z.string().min(1).max(4_000).describe('The run’s id; `${...}` is CEL over `event`'),
        name: z.string().min(1).max(200),
        data: template.optional(),
      }),
    }),
    z.strictObject({
      answer: z.strictObject({
        run: z.string().min(1).max(4_000).describe('The run’s id; `${...}` is CEL over `event`'),
        question: z.string().min(1).max(4_000).describe('The id of the question, likewise'),
        text: z.string().min(1).max(4_000).describe('The answer, likewise'),
      }),
    }),
  ]),
  enabled: z.boolean().default(true),
});
export type TriggerDocument = z.output<typeof triggerDocument>;
/** As a module writes it. */
export type NewTrigger = z.input<typeof triggerDocument>;
