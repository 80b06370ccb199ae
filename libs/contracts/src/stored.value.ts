import { z } from 'zod';
import { internal } from './classification.js';

/*
 * A value that is kept in the store, and not in the log. In a record it stands beside the place of the value, as `outputRef` (value.forms.ts).
 * The cores see it in the place of the value: an object with one key, which no value may have, so that nothing from outside can be
 * mistaken for it.
 */

/** The one key of a value that is kept elsewhere. No value may have it (value.ts). */
export const STORED_KEY = '@interlock/stored';

/** What such values are: JSON in UTF-8. */
export const STORED_TYPE = 'application/json';

export const valueHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not 64 hexadecimal digits')
  .describe('sha256 of its bytes, lower-case hexadecimal');

export const storedValue = z
  .object({
    hash: valueHash,
    size: z.number().int().positive().describe('Bytes'),
    type: z.literal(STORED_TYPE),
    without: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Paths of it that a verdict has redacted: who reads it leaves them out'),
  })
  .describe('The value is kept in the store: docs/large-values.md');
export type StoredValue = z.output<typeof storedValue>;

/** Beside a value, and instead of it. Its hash is one of personal data, so it is shown to nobody outside. */
const refInstead = (of: string) =>
  storedValue
    .meta(internal)
    .optional()
    .describe(
      `Instead of the ${of}, where ${of === 'arguments' ? 'those are' : 'that is'} kept in the store`,
    );

export const outputRef = refInstead('output');
export const argumentsRef = refInstead('arguments');
export const inputRef = refInstead('input');

/** Stands in the place of a value that is kept elsewhere. */
export interface ByReference {
  readonly [STORED_KEY]: StoredValue;
}

export const byReference = (stored: StoredValue): ByReference => ({ [STORED_KEY]: stored });

/** What `value` refers to; undefined: it is the value itself. */
export function storedIn(value: unknown): StoredValue | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, STORED_KEY)) return undefined;
  return (value as ByReference)[STORED_KEY];
}
