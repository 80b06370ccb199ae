import type { SchemaDocument } from './document.js';
import type { Evaluation } from './evaluation.js';
import { isObject, isSchema, type JsonSchema, type Schema } from './schema.js';

/**
 * A copy of the value in which every field is filled in that is absent and has a default. Not inside of `anyOf`, `oneOf`
 * and conditions: which of their schemas a value is of may depend on what was left out.
 */
export const withDefaults = (run: Evaluation, document: SchemaDocument, value: unknown): unknown => {
  const copy = copied(run, value, 0);
  new Defaults(run, document).fill(document.root, copy, 0);
  return copy;
};

type Fields = Record<string, unknown>;

/** Each place of the copy is an object of its own, also where the value has one object in two places. */
function copied(run: Evaluation, value: unknown, depth: number): unknown {
  run.spend(1);
  run.nest(depth);
  if (Array.isArray(value)) return value.map((item) => copied(run, item, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(run, item, depth + 1)]));
}

class Defaults {
  readonly #run: Evaluation;
  readonly #document: SchemaDocument;

  constructor(run: Evaluation, document: SchemaDocument) {
    this.#run = run;
    this.#document = document;
  }

  fill(schema: Schema, value: unknown, depth: number): void {
    this.#run.spend(1);
    this.#run.nest(depth);
    if (!isObject(schema) || typeof value !== 'object' || value === null) return;
    for (const part of this.#sameValue(schema)) this.fill(part, value, depth + 1);
    if (Array.isArray(value)) this.#fillItems(schema, value, depth);
    else this.#fillFields(schema, value as Fields, depth);
  }

  /** Schemas that hold for the value in any case. */
  #sameValue(schema: JsonSchema): readonly Schema[] {
    const target = this.#document.target(schema)?.schema;
    const all: readonly Schema[] = Array.isArray(schema.allOf) ? schema.allOf : [];
    return target === undefined ? all : [target, ...all];
  }

  #fillItems({ prefixItems, items }: JsonSchema, value: readonly unknown[], depth: number): void {
    const prefix: readonly Schema[] = Array.isArray(prefixItems) ? prefixItems : [];
    for (const [index, item] of value.entries()) {
      const part = prefix[index] ?? items;
      if (isSchema(part)) this.fill(part, item, depth + 1);
    }
  }

  #fillFields({ properties, additionalProperties }: JsonSchema, value: Fields, depth: number): void {
    const named = isObject(properties) ? properties : {};
    for (const [key, part] of Object.entries(named)) {
      if (!isSchema(part)) continue;
      if (!Object.hasOwn(value, key)) this.#add(value, key, part, depth);
      if (Object.hasOwn(value, key)) this.fill(part, value[key], depth + 1);
    }
    if (!isSchema(additionalProperties)) return;
    for (const [key, item] of Object.entries(value))
      if (!Object.hasOwn(named, key)) this.fill(additionalProperties, item, depth + 1);
  }

  #add(value: Fields, key: string, schema: Schema, depth: number): void {
    const given = this.#defaultOf(schema, depth);
    if (given === undefined) return;
    const filled = {
      value: copied(this.#run, given, depth),
      writable: true,
      enumerable: true,
      configurable: true,
    };
    Object.defineProperty(value, key, filled);
  }

  #defaultOf(schema: Schema, depth: number): unknown {
    this.#run.spend(1);
    this.#run.nest(depth);
    if (!isObject(schema)) return undefined;
    if (schema.default !== undefined) return schema.default;
    for (const part of this.#sameValue(schema)) {
      const found = this.#defaultOf(part, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
