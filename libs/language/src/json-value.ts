import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';

const depthMax = 200;

/**
 * A CEL value as JSON: integers become numbers, timestamps ISO 8601 instants, durations `PT1.5S`.
 * @throws {Error} what JSON cannot say: integers beyond 2^53, infinities, bytes, types
 */
export function toJson(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new Error(`the result ${value} is not a JSON number`);
    case 'bigint':
      return safeInteger(value);
    case 'object':
      if (depth > depthMax) throw new Error('the result is nested too deeply');
      return value === null ? null : objectToJson(value, depth + 1);
    default:
      throw new Error(
        `the result is ${value === undefined ? 'missing' : `a ${typeof value}`}, not a JSON value`,
      );
  }
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`the integer ${value} is too large for JSON`);
}

function objectToJson(value: object, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth));
  if (value instanceof UnsignedInt) return safeInteger(value.valueOf());
  if (value instanceof Duration) return `PT${value.valueOf() / 1_000}S`;
  // CEL timestamps are the host's dates; nothing here reads the clock.
  if (Object.prototype.toString.call(value) === '[object Date]')
    return (value as { toJSON(): string }).toJSON();
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new Error('the result is not a JSON value');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, depth)]));
}
