/**
 * What a request body may be: a JSON object in valid UTF-8, at most `BODY_BYTES_MAX` bytes, whose value is one as
 * `@interlock/contracts` says it.
 */

import { malformed, type Problem } from '@interlock/commands';
import { described, readValue, type ValueProblem } from '@interlock/contracts';

export const BODY_BYTES_MAX = 1_048_576;
const decoder = new TextDecoder('utf-8', { fatal: true });

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {Problem} malformed */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) throw malformed('The body is empty. Send a JSON object.');
  const read = readValue(decode(bytes));
  if (!read.ok) throw refused(read.problem);
  if (!isObject(read.value)) throw malformed('The body is not a JSON object.');
  return read.value;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('The body is not valid UTF-8.');
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (problem: ValueProblem): Problem =>
  malformed(`The body cannot be taken: ${described(problem)}.`, [
    { path: problem.path, message: problem.reason },
  ]);
