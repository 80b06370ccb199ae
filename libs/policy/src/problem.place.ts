import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Problem } from './bundle.document.js';

/** What Cedar says is wrong with a text, and where in it. */
export function problemOf(
  { message, help, sourceLocations }: DetailedError,
  path: string,
  text: string,
): Problem {
  const start = sourceLocations?.[0]?.start;
  const place = start === undefined ? {} : placeOf(text, start);
  return { path, message: help === null ? message : `${message} (${help})`, ...place };
}

/** Cedar counts bytes of UTF-8. */
function placeOf(text: string, byte: number): { line: number; column: number } {
  const lines = Buffer.from(text).subarray(0, byte).toString('utf8').split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
