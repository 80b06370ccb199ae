import { MODULE_PREFIX, STEP_ID } from '@interlock/contracts';
import { z } from 'zod';

/** The fields that several parts of a document are made of. */

const namePattern = new RegExp(`^${MODULE_PREFIX}[a-z][a-z0-9_-]{0,62}(\\.[a-z][a-z0-9_-]{0,62}){0,7}$`);

export const artifactName = z
  .string()
  .regex(namePattern, { error: 'must be a name like refund-request or orders.get' });

export const artifactVersion = z.number().int().min(1).max(1_000_000_000);

/** `orders.get`, or `orders.get@2` to pin a version. */
export const artifactReference = z
  .string()
  .regex(new RegExp(`${namePattern.source.slice(0, -1)}(@[1-9]\\d{0,8})?$`), {
    error: 'must be a name like refund-rules, or with its version: refund-rules@2',
  });

export const stepId = z.string().regex(STEP_ID, {
  error: 'must be a step id: letters, digits, "-" and "_", starting with a letter',
});

/** CEL without `${}`. Its length is checked with the other limits of an expression. */
export const celText = z.string().min(1).describe('CEL');

/** Any JSON; strings in it may hold `${CEL}`. */
export const template = z.unknown().describe('JSON; its strings may hold expressions');
export const templateObject = z.record(z.string(), z.unknown()).describe('Its strings may hold expressions');

export const jsonSchemaObject = z.record(z.string(), z.unknown()).describe('JSON Schema');

/** `refund-rules@2` as `{ name: 'refund-rules', version: 2 }`. */
export function splitReference(reference: string): { name: string; version?: number } {
  const [name = '', version] = reference.split('@');
  return version === undefined ? { name } : { name, version: Number(version) };
}
