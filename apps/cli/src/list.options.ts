import { z } from 'zod';
import type { Output } from './output.js';

const limit = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a whole number from 1')
  .optional()
  .describe('At most so many, up to 500; 50 when absent');

/** The options of every list that comes in pages. */
export const pageOptions = {
  limit,
  cursor: z.string().optional().describe('Continue after an earlier page'),
} as const;

/** Says how to go on, where there is more than this page. */
export function tellMore({ next }: { readonly next?: string | undefined }, output: Output): void {
  if (next !== undefined) output.line(`\nThere are more: add --cursor ${next}`);
}

/** `?a=1&b=2` of what is given; empty when nothing is. */
export function queryOf(options: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return query === '' ? '' : `?${query}`;
}
