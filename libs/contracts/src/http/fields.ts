/**
 * Fields that several requests and answers of the HTTP interface are made of. What stands in this folder is what is sent: no
 * schema of it changes what it takes, so each is also said by the JSON Schema of `openapi.json`. What its checks say beyond that
 * (blank texts, reserved ids) is said in its description.
 */
import { z } from 'zod';
import { isBlank } from '../name.js';

/** What a schema takes, as its readers see it: nobody changes an answer. */
export type Shown<T> = unknown extends T ? T : { readonly [Key in keyof T]: Shown<T[Key]> };

/** ISO 8601, UTC. */
export const instantText = z.iso.datetime();

export const runIdText = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'letters, digits and . _ : - only, at most 100')
  .meta({ id: 'RunIdText' });

const REASON_CHARS_MAX = 2_000;

/** Why somebody decides something: it is read by people, so it says something to them. */
export const reasonText = z
  .string()
  .min(1)
  .max(REASON_CHARS_MAX)
  .refine((text) => !isBlank(text), 'says nothing: it is blank');

export const commandIdText = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
  .describe(
    'Chosen by the sender; repeated, it is the same command. Signed with `Interlock-Proof`, and needed for it; not beside an Idempotency-Key',
  );

export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
  .describe('Repeating a request with the same key and body is safe on every gateway');

/** A number of a query: the text of it is read as one before it is checked. */
export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z.int('must be a whole number').min(least, `must be ${least} or more`).max(most, `must be ${most} or less`);

/** How many items a page has at most. */
export const limitOf = (standard: number, most: number) => wholeNumber(1, most).default(standard);

export const cursorOf = (pattern: RegExp) =>
  z.string().regex(pattern, 'is not a cursor of this list').describe('`next` of the page before');

/** A request whose address takes no query. */
export const noQuery = z.strictObject({});

export const nextCursor = z.string().describe('Absent on the last page');

export const asOf = z
  .record(z.string(), z.record(z.string(), z.int()))
  .describe('By topic and partition: the offset up to which this answer has read')
  .meta({ id: 'AsOf' });
