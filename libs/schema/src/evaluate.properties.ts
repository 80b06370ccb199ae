import { matches } from './evaluate.value.js';
import type { Evaluated, Evaluation } from './evaluation.js';
import { below, type Path } from './path.js';
import { isObject, isSchema, type JsonSchema, type Schema } from './schema.js';

/** What a schema says of an object and its properties. */
export function evaluateProperties(
  run: Evaluation,
  schema: JsonSchema,
  value: JsonSchema,
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  const keys = Object.keys(value);
  run.spend(keys.length);
  if (saysWhichFields(schema)) run.declare(value);
  let isFit = evaluateCount(run, schema, keys.length, path);
  isFit = evaluateRequired(run, schema, value, path) && isFit;
  if (isSchema(schema.propertyNames)) isFit = evaluateNames(run, schema.propertyNames, keys, path) && isFit;
  for (const key of keys) {
    const parts = schemasFor(run, schema, key);
    if (parts.length === 0) continue;
    evaluated?.keys.add(key);
    if (parts.some((part) => part !== true || isNamed(schema, key))) run.declare(value, key);
    for (const part of parts) isFit = evaluateProperty(run, part, key, value[key], path) && isFit;
  }
  const { unevaluatedProperties: rest } = schema;
  if (isSchema(rest) && evaluated !== undefined)
    isFit = evaluateRest(run, rest, value, path, evaluated) && isFit;
  return isFit;
}

/** A schema that says nothing of an object's fields leaves the object to whoever takes it. */
function saysWhichFields({
  type,
  properties,
  patternProperties,
  additionalProperties,
  required,
}: JsonSchema): boolean {
  const isTyped = type === 'object' || (Array.isArray(type) && type.includes('object'));
  return (
    isTyped ||
    [properties, patternProperties, additionalProperties, required].some((part) => part !== undefined)
  );
}

const isNamed = ({ properties }: JsonSchema, key: string): boolean =>
  isObject(properties) && Object.hasOwn(properties, key);

/** The schemas for the value under this key: of its name, of the patterns that its name matches, or of all other names. */
function schemasFor(run: Evaluation, schema: JsonSchema, key: string): Schema[] {
  const { properties, patternProperties, additionalProperties } = schema;
  const parts: Schema[] = [];
  if (isObject(properties) && Object.hasOwn(properties, key) && isSchema(properties[key]))
    parts.push(properties[key]);
  if (isObject(patternProperties)) {
    for (const [pattern, part] of Object.entries(patternProperties))
      if (isSchema(part) && matches(run, pattern, key)) parts.push(part);
  }
  if (parts.length === 0 && isSchema(additionalProperties)) parts.push(additionalProperties);
  return parts;
}

function evaluateProperty(
  run: Evaluation,
  schema: Schema,
  key: string,
  value: unknown,
  path: Path | undefined,
): boolean {
  const at = below(path, key);
  return schema === false ? run.report(at, `unknown field "${key}"`) : run.evaluate(schema, value, at);
}

function evaluateCount(
  run: Evaluation,
  { minProperties, maxProperties }: JsonSchema,
  count: number,
  path: Path | undefined,
): boolean {
  if (typeof maxProperties === 'number' && count > maxProperties)
    return run.report(path, `must NOT have more than ${maxProperties} properties`);
  if (typeof minProperties === 'number' && count < minProperties)
    return run.report(path, `must NOT have fewer than ${minProperties} properties`);
  return true;
}

function evaluateRequired(
  run: Evaluation,
  { required, dependentRequired, dependencies }: JsonSchema,
  value: JsonSchema,
  path: Path | undefined,
): boolean {
  let isFit = true;
  const require = (names: unknown) => {
    if (!Array.isArray(names)) return;
    run.spend(names.length);
    for (const name of names.map(String))
      if (!Object.hasOwn(value, name)) isFit = run.report(below(path, name), 'is required');
  };
  require(required);
  for (const dependent of [dependentRequired, dependencies]) {
    if (!isObject(dependent)) continue;
    for (const [key, names] of Object.entries(dependent)) {
      run.spend(1);
      if (Object.hasOwn(value, key)) require(names);
    }
  }
  return isFit;
}

function evaluateNames(
  run: Evaluation,
  schema: Schema,
  keys: readonly string[],
  path: Path | undefined,
): boolean {
  let isFit = true;
  for (const key of keys) {
    if (run.attempt(schema, key, below(path, key))) continue;
    isFit = run.report(below(path, key), 'no field may have this name');
  }
  return isFit;
}

function evaluateRest(
  run: Evaluation,
  schema: Schema,
  value: JsonSchema,
  path: Path | undefined,
  evaluated: Evaluated,
): boolean {
  let isFit = true;
  for (const key of Object.keys(value)) {
    if (evaluated.keys.has(key)) continue;
    evaluated.keys.add(key);
    if (schema !== true) run.declare(value, key);
    isFit = evaluateProperty(run, schema, key, value[key], path) && isFit;
  }
  return isFit;
}
