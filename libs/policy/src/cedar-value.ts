import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';

type Scalar = string | number | boolean;

/** Largest double below 2^63: Cedar's integers have 64 bits. */
const LONG_MAX = 2 ** 63 - 1_024;
const DECIMAL_MAX = 922_337_203_685_477;

/** Levels of nesting that are handed to Cedar; its parser recurses. */
export const NESTING_MAX = 64;

/**
 * A JSON value as Cedar sees it; undefined for null, which Cedar does not have, and for what lies too deep.
 *
 * Integers become longs, other numbers decimals with four digits, rounded away from zero so that no amount looks smaller
 * than it is. What is beyond Cedar's range becomes the end of the range, so an order between numbers is kept.
 * Arrays become sets. A key that begins with `__` is given a backslash before it: Cedar would read `__entity` and
 * `__extn` as its own notation, and data must not be able to forge an entity.
 */
export function cedarValue(value: unknown, depth = 0): CedarValueJson | undefined {
  if (depth > NESTING_MAX) return undefined;
  if (Array.isArray(value))
    return value.flatMap((item) => {
      const inner = cedarValue(item, depth + 1);
      return inner === undefined ? [] : [inner];
    });
  if (typeof value === 'object' && value !== null) return cedarRecord(value, depth);
  return cedarScalar(value);
}

/** The same for an object; its nulls are left out. */
export function cedarRecord(value: object, depth = 0): { [key: string]: CedarValueJson } {
  const record: { [key: string]: CedarValueJson } = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    const inner = cedarValue(item, depth + 1);
    if (inner !== undefined) record[cedarKey(key)] = inner;
  }
  return record;
}

/** Levels of objects and arrays in a JSON value: 0 for a scalar. Counts without recursion, up to `max`. */
export function nestingOf(value: unknown, max = NESTING_MAX + 1): number {
  let level: unknown[] = [value];
  for (let depth = 0; depth < max; depth += 1) {
    level = level.filter((item) => typeof item === 'object' && item !== null);
    if (level.length === 0) return depth;
    level = level.flatMap((item) => Object.values(item as object));
  }
  return max;
}

function cedarScalar(value: unknown): Scalar | CedarValueJson | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  if (Number.isInteger(value) || !Number.isFinite(value)) return clamp(value, LONG_MAX);
  return cedarDecimal(value);
}

/** A number as a decimal, also when it is an integer: for what policies always compare as one. */
export const cedarDecimal = (value: number): CedarValueJson => ({
  __extn: { fn: 'decimal', arg: decimalText(value) },
});

/** `1.00001` is written `1.0001`. */
function decimalText(value: number): string {
  const size = Math.abs(clamp(value, DECIMAL_MAX));
  const cut = size.toFixed(4);
  const text = Number(cut) < size ? (Number(cut) + 0.0001).toFixed(4) : cut;
  return value < 0 ? `-${text}` : text;
}

const clamp = (value: number, max: number): number => Math.max(-max, Math.min(max, value));

const cedarKey = (key: string): string => (/^\\*__/.test(key) ? `\\${key}` : key).toWellFormed();
