import { isBlank, issueText } from '@interlock/contracts';
import { z } from 'zod';
import { malformed, type ProblemDetail } from './problem.js';

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
  const errors = parsed.error.issues.flatMap(detailsOf);
  const first = errors[0];
  const named = first === undefined ? '' : `: ${first.path === '' ? '' : `${first.path}: `}${first.message}`;
  throw malformed(`The ${part} cannot be taken${named}.`, errors);
}

function detailsOf(issue: z.core.$ZodIssue): ProblemDetail[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: (path === '' ? key : `${path}.${key}`).slice(0, 200),
      message: 'unknown field',
    }));
  }
  if (issue.code === 'invalid_union') return closest(issue.errors).flatMap(detailsOf);
  return [{ path, message: issueText(issue) }];
}

/** The alternative of a union with the fewest complaints. */
const closest = (alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] =>
  alternatives.reduce((best, next) => (next.length < best.length ? next : best), alternatives[0] ?? []);

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));

export const limitOf = (standard: number, most: number) => wholeNumber(1, most).default(standard);
export const seqNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);
export const lastSeen = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const WAIT_MS_MAX = 60_000;

/** `30s` or `500ms`, in milliseconds. */
export const waitMs = z
  .string()
  .regex(/^\d{1,6}(ms|s)$/, 'must look like 30s or 500ms')
  .transform((text) => (text.endsWith('ms') ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1_000))
  .pipe(z.number().max(WAIT_MS_MAX, 'at most 60s'));

const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');
/** The caller's `Idempotency-Key`, if there is one. */
export function keyOf(headers: Readonly<Record<string, unknown>>): string | undefined {
  const key = headers['idempotency-key'];
  return key === undefined ? undefined : read(idempotencyKey, key, 'Idempotency-Key');
}

const REASON_CHARS_MAX = 2_000;

/** Why somebody decides something: it is read by people, so it says something to them. */
export const reasonText = z
  .string()
  .min(1)
  .max(REASON_CHARS_MAX)
  .refine((text) => !isBlank(text), 'says nothing: it is blank');

/** Chosen by whoever signs the command: repeated, it is the same command. */
export const commandIdText = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters');

export const runIdText = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'letters, digits and . _ : - only, at most 100');
