import type { Evaluation } from './evaluation.js';
import { hasFormat } from './formats.js';
import { jsonText } from './json-text.js';
import type { Path } from './path.js';
import { patternOf } from './pattern.js';
import { isObject, type JsonSchema } from './schema.js';

/** Characters that are compared, and instructions of patterns that are run over them, in one step. */
const CHARS_A_STEP = 16;
const INSTRUCTIONS_A_STEP = 50;

/** What a schema says of the value itself. */
export function evaluateValue(
  run: Evaluation,
  schema: JsonSchema,
  value: unknown,
  path: Path | undefined,
): boolean {
  let isFit = evaluateType(run, schema, value, path);
  if ('enum' in schema || 'const' in schema) isFit = evaluateEqual(run, schema, value, path) && isFit;
  if (typeof value === 'string') isFit = evaluateText(run, schema, value, path) && isFit;
  else if (typeof value === 'number') isFit = evaluateNumber(run, schema, value, path) && isFit;
  if (typeof schema.format === 'string' && !hasFormat(schema.format, value, run.spend))
    isFit = run.report(path, `must match format "${schema.format}"`);
  return isFit;
}

function evaluateType(
  run: Evaluation,
  { type, nullable }: JsonSchema,
  value: unknown,
  path: Path | undefined,
): boolean {
  if (type === undefined) return true;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (types.some((one) => isOfType(one, value)) || (nullable === true && value === null)) return true;
  return run.report(path, `must be ${types.join(' or ')}`);
}

function isOfType(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function evaluateEqual(run: Evaluation, schema: JsonSchema, value: unknown, path: Path | undefined): boolean {
  const isEqual = equalTo(run, value);
  if ('const' in schema && !isEqual(schema.const)) return run.report(path, 'must be equal to constant');
  if (!Array.isArray(schema.enum) || schema.enum.some(isEqual)) return true;
  // More of them than this are cut from the message in any case.
  const allowed = schema.enum.slice(0, 100).map((one) => JSON.stringify(one));
  return run.report(path, `must be one of ${allowed.join(', ')}`);
}

function equalTo(run: Evaluation, value: unknown): (other: unknown) => boolean {
  const text = typeof value === 'object' ? textOf(run, value) : undefined;
  return (other) => {
    run.spend(1);
    if (text === undefined || typeof other !== 'object') return value === other;
    return text === textOf(run, other);
  };
}

export function textOf(run: Evaluation, value: unknown): string {
  const text = jsonText(value);
  run.spend(Math.ceil(text.length / CHARS_A_STEP));
  return text;
}

function evaluateNumber(run: Evaluation, schema: JsonSchema, value: number, path: Path | undefined): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof maximum === 'number' && value > maximum) return run.report(path, `must be <= ${maximum}`);
  if (typeof minimum === 'number' && value < minimum) return run.report(path, `must be >= ${minimum}`);
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    return run.report(path, `must be < ${exclusiveMaximum}`);
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    return run.report(path, `must be > ${exclusiveMinimum}`);
  if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf))
    return run.report(path, `must be multiple of ${multipleOf}`);
  return true;
}

function evaluateText(run: Evaluation, schema: JsonSchema, value: string, path: Path | undefined): boolean {
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined || maxLength !== undefined) {
    run.spend(Math.ceil(value.length / CHARS_A_STEP));
    const length = lengthOf(value);
    if (typeof maxLength === 'number' && length > maxLength)
      return run.report(path, `must NOT have more than ${maxLength} characters`);
    if (typeof minLength === 'number' && length < minLength)
      return run.report(path, `must NOT have fewer than ${minLength} characters`);
  }
  if (typeof pattern !== 'string' || matches(run, pattern, value)) return true;
  return run.report(path, `must match pattern "${pattern}"`);
}

/** Characters, as a reader counts code points. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

export function matches(run: Evaluation, source: string, text: string): boolean {
  const pattern = patternOf(source);
  run.spend(Math.ceil((pattern.size * (text.length + 1)) / INSTRUCTIONS_A_STEP));
  return pattern.test(text);
}
