import type { JsonSchema } from '@interlock/schema';
import type { Environment } from '@marcbachmann/cel-js';
import { isPlainObject } from './json-guard.js';
import { valueAt } from './schema.problems.js';

const depthMax = 12;
const typesMax = 3_000;
/** A schema that holds one of these says more than a CEL type can: its values stay unknown to the checker. */
const beyondTypes = ['anyOf', 'oneOf', 'allOf', 'if', 'not', 'patternProperties', '$dynamicRef', 'nullable'];

/**
 * CEL types of JSON Schemas, registered in an environment as they are met. An object that lists its properties is
 * taken at its word: reading another one is an error, unless it says `additionalProperties: true` (or a schema).
 */
export class SchemaTypes {
  #count = 0;
  /** Of types whose schema says by itself what it means. */
  readonly #schemas = new Map<string, JsonSchema>();

  constructor(readonly environment: Environment) {}

  /** The name of the type of a schema's values; `dyn` where little is known. */
  of(schema: unknown, root: unknown = schema, depth = 0): string {
    if (!isPlainObject(schema) || depth > depthMax) return 'dyn';
    if (typeof schema.$ref === 'string') return this.of(target(schema.$ref, root), root, depth + 1);
    if (beyondTypes.some((keyword) => keyword in schema)) return 'dyn';
    switch (schema.type) {
      case 'string':
        return 'string';
      case 'boolean':
        return 'bool';
      case 'number':
      case 'integer':
        return 'double';
      case 'array':
        return `list<${this.of(schema.items, root, depth + 1)}>`;
      case 'object':
        return this.#objectType(schema, root, depth);
      default:
        return 'dyn';
    }
  }

  /** Registers a type with these fields. */
  define(fields: Readonly<Record<string, string>>): string {
    if (this.#count >= typesMax) return 'dyn';
    this.#count += 1;
    const name = `Schema${this.#count}`;
    this.environment.registerType(name, { fields: { ...fields } });
    return name;
  }

  /** What is known of the values of a type; undefined: nothing. */
  schemaOf(type: string): JsonSchema | undefined {
    const item = /^list<(.*)>$/.exec(type)?.[1];
    if (item !== undefined) return { type: 'array', items: this.schemaOf(item) ?? {} };
    return scalars[type] ?? this.#schemas.get(type);
  }

  #objectType(schema: JsonSchema, root: unknown, depth: number): string {
    const { properties, additionalProperties = false } = schema;
    if (!isPlainObject(properties) || additionalProperties !== false) return 'dyn';
    const fields = Object.entries(properties).map(([key, field]) => [key, this.of(field, root, depth + 1)]);
    const type = this.define(Object.fromEntries(fields));
    if (type !== 'dyn' && !JSON.stringify(schema).includes('"$ref"')) this.#schemas.set(type, schema);
    return type;
  }
}

const scalars: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  double: { type: 'number' },
  int: { type: 'number' },
};

function target(reference: string, root: unknown): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  const parts = reference.split('/').slice(1);
  return valueAt(
    root,
    parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
  );
}
