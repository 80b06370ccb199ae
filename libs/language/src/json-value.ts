import { described, problemOf, problemOfNumber, VALUE_DEPTH_MAX } from '@interlock/contracts';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';

/**
 * A CEL value as JSON: integers become numbers, timestamps ISO 8601 instants, durations `PT1.5S`.
 * @throws {Error} it is not a value: integers beyond 2^53, infinities, halves of characters, bytes, types
 */
export function asValue(result: unknown): unknown {
  const value = toJson(result, 0);
  const problem = problemOf(value);
  if (problem !== undefined) throw new Error(described(problem));
  return value;
}

function toJson(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`the result ${value} is not a JSON number`);
      // JSON has no negative zero, and a run that is folded again must see the same number.
      return value === 0 ? 0 : value;
    case 'bigint':
      return integerOf(value);
    case 'object':
      if (depth > VALUE_DEPTH_MAX) throw new Error(`nested deeper than ${VALUE_DEPTH_MAX} levels`);
      return value === null ? null : objectToJson(value, depth + 1);
    default:
      return value;
  }
}

function integerOf(value: bigint): number {
  const problem = problemOfNumber(Number(value), String(value));
  if (problem !== undefined) throw new Error(problem);
  return Number(value);
}

function objectToJson(value: object, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth));
  if (value instanceof UnsignedInt) return integerOf(value.valueOf());
  if (value instanceof Duration) return `PT${value.valueOf() / 1_000}S`;
  // CEL timestamps are the host's dates; nothing here reads the clock.
  if (Object.prototype.toString.call(value) === '[object Date]') return instantOf(value as CelInstant);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new Error('the result is not a JSON value');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, depth)]));
}

interface CelInstant {
  toJSON(): string | null;
}

function instantOf(value: CelInstant): string {
  const text = value.toJSON();
  if (text === null) throw new Error('the result is not an instant');
  return text;
}
