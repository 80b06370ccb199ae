import { z } from 'zod';
import { instantText, limitOf, type Shown } from './fields.js';

/** `from`: only what comes from now on. */
export const FEED_NOW = 'now';

const position = z.string().regex(/^[A-Za-z0-9_-]{1,8000}$/, 'is no position of this stream');

export const feedQuery = z.strictObject({
  from: position
    .optional()
    .describe(
      'The `position` of an event, or `next` of a page: what comes behind it. `now`: what comes from now on. Absent: from the first event that the log holds',
    ),
  limit: limitOf(1_000, 10_000).describe('Of a page'),
  follow: z
    .boolean()
    .default(false)
    .describe(
      '`application/x-ndjson` stays open and goes on with what comes; `text/event-stream` always does',
    ),
});

/** `Last-Event-ID` of a stream over all runs. */
export const feedPosition = position;

export const fedEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: z.string().describe('Run and seq, unique'),
    source: z.string(),
    type: z.string().describe('`interlock.call.requested.v1` and so on'),
    subject: z.string().describe('The run'),
    time: instantText,
    datacontenttype: z.literal('application/json'),
    seq: z.int().min(1).describe('Place in the run, from 1 without a gap'),
    correlationid: z.string().describe('The root run'),
    causationid: z.string().optional(),
    tenant: z.string().optional(),
    traceparent: z.string().optional(),
    prevhash: z.string(),
    hash: z.string().describe('Ties the event to an export of its run'),
    sourceoffset: z.int(),
    sourceepoch: z.int(),
    sourceindex: z.int(),
    position: z.string().describe('Where to go on behind this event: opaque, for this log'),
    data: z.unknown().describe('What is classified is left out, as on the audit stream'),
  })
  .meta({ id: 'FedEvent' });
/** An event of any run, as programs outside see it: CloudEvents 1.0, JSON format. */
export type FedEvent = Shown<z.output<typeof fedEvent>>;

export const feedPage = z.object({
  items: z.array(fedEvent),
  next: z.string().describe('Where to go on: `from` of the next request. There is always one'),
  more: z.boolean().describe('Whether there is more to read now. A page may be empty and say so'),
});
export type FeedPage = Shown<z.output<typeof feedPage>>;

/** A line of the stream that is no event: how far it has come. It is sent when nothing else is, and last. */
export const feedMark = z.object({ position: z.string() });
export const feedLine = z.union([fedEvent, feedMark]);
