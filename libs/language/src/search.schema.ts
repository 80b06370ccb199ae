import { z } from 'zod';
import { celText } from './fields.schema.js';

/** Each is a row in an index for every run. */
export const SEARCH_FIELDS_MAX = 16;
/** A longer text is no name of anything, and is left out. */
export const SEARCH_TEXT_CHARS_MAX = 256;

/** A name that an expression can write behind `run.search.`. */
export const SEARCH_NAME = /^[a-z][A-Za-z0-9_]{0,39}$/;

export const searchFields = z
  .record(
    z.string().regex(SEARCH_NAME, {
      error: 'must be a name like customer or amountCents: letters, digits and "_", at most 40',
    }),
    celText,
  )
  .refine((fields) => Object.keys(fields).length <= SEARCH_FIELDS_MAX, {
    error: `must have at most ${SEARCH_FIELDS_MAX} fields`,
  })
  .describe(
    'What runs are found by: a name, and CEL that gives a text, a number, true or false, or a timestamp',
  );
