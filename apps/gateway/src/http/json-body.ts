/**
 * What a request body may be.
 *
 * 1. A JSON object in valid UTF-8, at most `BODY_BYTES_MAX` bytes.
 * 2. At most `DEPTH_MAX` levels deep, counted on the bytes before anything recurses over it.
 * 3. No key `__proto__`, `prototype` or `constructor`, however it is escaped.
 * 4. Only what JSON can carry on: no number beyond a double, no half of a surrogate pair.
 */
import { malformed } from './problem.js';

export const BODY_BYTES_MAX = 1_048_576;
const DEPTH_MAX = 64;
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);
const decoder = new TextDecoder('utf-8', { fatal: true });

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {Problem} malformed */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) throw malformed('The body is empty. Send a JSON object.');
  refuseDeep(bytes); // 2
  const value = parse(decode(bytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('The body is not a JSON object.');
  }
  check(value, ''); // 3, 4
  return value as JsonObject;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('The body is not valid UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(`The body is not valid JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function refuseDeep(bytes: Uint8Array): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > DEPTH_MAX) throw malformed(`The body is nested deeper than ${DEPTH_MAX} levels.`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

function check(value: unknown, path: string): void {
  if (typeof value === 'string') checkText(value, path);
  else if (typeof value === 'number' && !Number.isFinite(value)) refuse(path, 'the number is out of range');
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (forbidden.has(key)) refuse(at, 'this key is not allowed');
      checkText(key, at);
      check(item, at);
    }
  }
}

function checkText(text: string, path: string): void {
  if (!text.isWellFormed()) refuse(path, 'the text holds half of a surrogate pair');
}

function refuse(path: string, message: string): never {
  const shown = path.toWellFormed().slice(0, 200);
  throw malformed(`The body cannot be taken: ${shown}: ${message}.`, [{ path: shown, message }]);
}
