import { z } from 'zod';
import { readJson } from './json.argument.js';

/** Options of what operators tell one run, or many. */

export const parkedStep = z.string().describe('The step that waits for an operator');

export const fromStep = z
  .string()
  .optional()
  .describe('The step from which a run that has ended begins anew, with all that comes after it');

export const rollback = z.boolean().default(false).describe('Undo what was written');

export const signalOptions = {
  name: z.string().describe('Name of the signal'),
  data: z.string().optional().describe('JSON, or the file that holds it'),
} as const;

/**
 * What is told, as the server takes it: a signal with the data that `data` holds or names, and null without any, since a signature covers it.
 * @throws {UsageError} the data cannot be read
 */
export async function toldOf(
  type: string,
  { data, ...given }: Readonly<Record<string, unknown>>,
): Promise<object> {
  if (type !== 'signal') return { type, ...given };
  return { type, ...given, data: typeof data === 'string' ? await readJson('--data', data) : null };
}
