import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { hasFields } from '@interlock/contracts';
import { attributeOf, type CedarType, isRecord } from './cedar.types.js';
import { cedarKey } from './cedar-key.js';

/** Largest double below 2^63: Cedar's integers have 64 bits. */
const LONG_MAX = 2 ** 63 - 1_024;
const DECIMAL_MAX = 922_337_203_685_477;

/** Levels of nesting that are handed to Cedar; its parser recurses. */
export const NESTING_MAX = 64;

/**
 * A JSON value as Cedar sees it; undefined for null, which Cedar does not have, and for what lies too deep.
 *
 * A number's form follows from its type, never from its value: a long where the type says so, a decimal everywhere else, so that a policy
 * that compares 20 compares 20.5 too. Decimals have four digits, rounded away from zero so that no amount looks smaller than it is. What
 * is beyond Cedar's range becomes the end of the range, so an order between numbers is kept. Arrays become sets. A key that begins
 * with `__` is given a backslash before it.
 *
 * @param type what the value's JSON Schema says of it
 */
export function cedarValue(value: unknown, type?: CedarType, depth = 0): CedarValueJson | undefined {
  if (depth > NESTING_MAX) return undefined;
  if (Array.isArray(value)) {
    const element = type?.type === 'Set' && 'element' in type ? type.element : undefined;
    return value.flatMap((item) => {
      const inner = cedarValue(item, element, depth + 1);
      return inner === undefined ? [] : [inner];
    });
  }
  if (typeof value === 'object' && value !== null) return cedarRecord(value, type, depth);
  return cedarScalar(value, type);
}

/** The same for an object; its nulls are left out. */
export function cedarRecord(value: object, type?: CedarType, depth = 0): { [key: string]: CedarValueJson } {
  const record: { [key: string]: CedarValueJson } = Object.create(null);
  const described = isRecord(type) ? type : undefined;
  for (const [name, item] of Object.entries(value)) {
    const key = cedarKey(name);
    const inner = cedarValue(item, attributeOf(described, key), depth + 1);
    if (inner !== undefined) record[key] = inner;
  }
  return record;
}

/** Levels of objects and arrays in a JSON value: 0 for a scalar. Counts without recursion, up to `max`. */
export function nestingOf(value: unknown, max = NESTING_MAX + 1): number {
  let level: unknown[] = [value];
  for (let depth = 0; depth < max; depth += 1) {
    const inner = level.filter(hasFields);
    if (inner.length === 0) return depth;
    level = inner.flatMap((item) => Object.values(item));
  }
  return max;
}

function cedarScalar(value: unknown, type: CedarType | undefined): CedarValueJson | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  return type?.type === 'Long' && Number.isInteger(value) ? clamp(value, LONG_MAX) : cedarDecimal(value);
}

/** A number as a decimal, also when it is an integer. */
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
