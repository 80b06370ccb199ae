import { isDeepStrictEqual } from 'node:util';
import { hasFields } from '@interlock/contracts';
import type { Path } from '@interlock/language';

/** One place at which two values differ. */
export interface Difference {
  readonly path: Path;
  readonly expected: unknown;
  readonly got: unknown;
}

const DIFFERENCES_MAX = 10;

/** Where two values differ, as deep as they have the same form; at most ten places. */
export function differencesOf(expected: unknown, got: unknown, path: Path = []): Difference[] {
  if (isDeepStrictEqual(expected, got)) return [];
  const inside = insideOf(expected, got, path);
  return inside === undefined ? [{ path, expected, got }] : inside.slice(0, DIFFERENCES_MAX);
}

/** undefined: the values have another form, so they differ as a whole. */
function insideOf(expected: unknown, got: unknown, path: Path): Difference[] | undefined {
  if (Array.isArray(expected) && Array.isArray(got)) {
    if (expected.length !== got.length) return undefined;
    return expected.flatMap((item, index) => differencesOf(item, got[index], [...path, index]));
  }
  if (!hasFields(expected) || !hasFields(got) || Array.isArray(expected) || Array.isArray(got))
    return undefined;
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
  return keys.flatMap((key) => differencesOf(expected[key], got[key], [...path, key]));
}
