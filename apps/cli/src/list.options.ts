import { z } from 'zod';

export const limit = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a whole number from 1')
  .optional()
  .describe('At most so many, up to 500; 50 when absent');

/** `?a=1&b=2` of what is given; empty when nothing is. */
export function queryOf(options: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return query === '' ? '' : `?${query}`;
}
