import { malformed } from '@interlock/commands';
import { placedIssues } from '@interlock/contracts';
import { idempotencyKey, type ProblemDetail } from '@interlock/contracts/http';
import type { z } from 'zod';

/**
 * The request part `value` as `schema` says.
 * @throws {Problem} malformed, naming every field that is wrong
 */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = placedIssues(parsed.error.issues).map(
    ({ path, message }): ProblemDetail => ({ path: path.map(String).join('.').slice(0, 200), message }),
  );
  const first = errors[0];
  const named = first === undefined ? '' : `: ${first.path === '' ? '' : `${first.path}: `}${first.message}`;
  throw malformed(`The ${part} cannot be taken${named}.`, errors);
}

/**
 * The query of a request. Each parameter is text; it is read as what its schema takes, and then checked.
 * @throws {Problem} malformed, naming every parameter that is wrong
 */
export function readQuery<Schema extends z.ZodObject>(schema: Schema, query: unknown): z.output<Schema> {
  const fieldOf = (name: string) => (Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined);
  const given = Object.entries(query ?? {}).map(([name, text]) => [name, valueIn(fieldOf(name), text)]);
  return read(schema, Object.fromEntries(given), 'query');
}

const WHOLE = /^\d{1,15}$/;

/** Text of an address or a header as a number or a yes or no, where `schema` takes one and it is one. */
export function valueIn(schema: z.core.$ZodType | undefined, text: unknown): unknown {
  if (schema === undefined || typeof text !== 'string') return text;
  const { def } = schema._zod;
  if (isWrapped(def)) return valueIn(def.innerType, text);
  if (def.type === 'number') return WHOLE.test(text) ? Number(text) : text;
  if (def.type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return text;
}

const isWrapped = (def: object): def is { readonly innerType: z.core.$ZodType } => 'innerType' in def;

/** The caller's `Idempotency-Key`, if there is one. */
export function keyOf(headers: Readonly<Record<string, unknown>>): string | undefined {
  const key = headers['idempotency-key'];
  return key === undefined ? undefined : read(idempotencyKey, key, 'Idempotency-Key');
}
