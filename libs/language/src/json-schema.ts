import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { BoundedCache } from './bounded-cache.js';
import { isPlainObject } from './json-guard.js';
import { formatPath, type Path, type Problem } from './problem.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema that cannot be used: not JSON Schema, or it refers to something outside itself. */
export class SchemaError extends Error {
  readonly code = 'language.schema';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SchemaError';
  }
}

const problemsMax = 50;
/** Listing every problem of a huge value costs more memory than the value: beyond this, the first one is enough. */
const nodesListedMax = 10_000;

const options = { strict: false, allowUnionTypes: true, validateFormats: true, logger: false } as const;
const first = formats.default(new Ajv2020(options));
const all = formats.default(new Ajv2020({ ...options, allErrors: true }));

const validators = new BoundedCache<JsonSchema, (value: unknown) => Problem[]>(500);

/**
 * A validator for a JSON Schema (2020-12; draft 7 as far as they agree). It never changes the value. Formats it does
 * not know are ignored; references outside the schema are refused.
 * @throws {SchemaError}
 */
export const compileInputSchema = (schema: JsonSchema): ((value: unknown) => Problem[]) =>
  validators.get(schema, makeValidator);

function makeValidator(schema: JsonSchema): (value: unknown) => Problem[] {
  refuseOutsideReferences(schema, 0);
  // `$schema` names the dialect and `$id` would be a global name: neither says anything about a value.
  const { $schema: _dialect, $id: _name, ...body } = schema;
  const quick = compileWith(first, body);
  let thorough: ValidateFunction | undefined;
  return (value) => {
    if (quick(value)) return [];
    if (!isSmall(value)) return toProblems(quick.errors);
    thorough ??= compileWith(all, body);
    thorough(value);
    return toProblems(thorough.errors);
  };
}

function compileWith(ajv: Ajv2020, schema: JsonSchema): ValidateFunction {
  try {
    return ajv.compile(schema);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new SchemaError(`is not a usable JSON Schema: ${text}`, { cause: error });
  } finally {
    // The compiled function stays; without this the instance would keep every schema it ever saw.
    ajv.removeSchema(schema);
  }
}

function refuseOutsideReferences(node: unknown, depth: number): void {
  if (depth > 100) throw new SchemaError('is nested too deeply');
  if (Array.isArray(node)) for (const item of node) refuseOutsideReferences(item, depth + 1);
  if (!isPlainObject(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if ((key === '$ref' || key === '$dynamicRef') && typeof value === 'string' && !value.startsWith('#')) {
      throw new SchemaError(`refers to "${value}": only references inside the schema ("#/...") are followed`);
    }
    refuseOutsideReferences(value, depth + 1);
  }
}

function isSmall(value: unknown): boolean {
  let nodes = 0;
  const count = (node: unknown): boolean => {
    nodes += 1;
    if (nodes > nodesListedMax) return false;
    return typeof node !== 'object' || node === null || Object.values(node).every(count);
  };
  return count(value);
}

function toProblems(errors: readonly ErrorObject[] | null | undefined): Problem[] {
  return (errors ?? []).slice(0, problemsMax).map((error) => {
    const path = pathOf(error.instancePath);
    const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues } =
      error.params as Record<string, unknown>;
    const unknown = additionalProperty ?? unevaluatedProperty;
    if (missingProperty !== undefined) return problem([...path, String(missingProperty)], 'is required');
    if (unknown !== undefined)
      return problem([...path, String(unknown)], `unknown field "${String(unknown)}"`);
    if (Array.isArray(allowedValues))
      return problem(path, `must be one of ${allowedValues.map((v) => JSON.stringify(v)).join(', ')}`);
    return problem(path, error.message ?? 'does not fit the schema');
  });
}

const problem = (path: Path, message: string): Problem => ({ path: formatPath(path), message });

/** A JSON pointer's parts; a part of digits only is taken for an index. */
const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
