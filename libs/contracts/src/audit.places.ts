import { z } from 'zod';
import { auditHeaders, auditTypeOf } from './audit.events.js';

/*
 * `audit.events` of a log that no other program can read. It holds no events: they are derived from `run.events` when somebody reads.
 *
 * 1. A signed head is stored as its value, with its type as the only attribute.
 * 2. The last head of an append has a place: how far the stream goes with it.
 * 3. A catalogue says what is left out of the events behind the place in front of it.
 */

/** What is left out of each type of event, as the release that wrote it knows it. */
export const AUDIT_CATALOGUE = auditTypeOf('catalogue/1');

/** Where in `run.events` the stream goes on, and the hash of the record in front of that. */
export interface AuditPlace {
  readonly offset: number;
  readonly epoch: number;
  readonly index: number;
  /** Hexadecimal. */
  readonly hash: string;
}

const HEADER = 'place';
const place = z.object({
  offset: z.number().int(),
  epoch: z.number().int(),
  index: z.number().int(),
  hash: z.string(),
});

/** The headers of a record of this type that is stored so. */
export const placedHeaders = (type: string, at?: AuditPlace): Record<string, Uint8Array> => ({
  [auditHeaders.type]: Buffer.from(type),
  ...(at !== undefined && { [HEADER]: Buffer.from(JSON.stringify(at)) }),
});

/** Undefined: the record does not say. */
export function auditPlaceOf(headers: Readonly<Record<string, Uint8Array>>): AuditPlace | undefined {
  const bytes = headers[HEADER];
  return bytes && place.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
