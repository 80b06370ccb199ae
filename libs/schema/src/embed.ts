import { documentOf } from './check.js';
import type { SchemaDocument } from './document.js';
import { isKeyword, partsOf } from './keywords.js';
import { isObject, type JsonSchema, SchemaError } from './schema.js';

/**
 * The schema as it has to be written to stand inside another one, at this JSON pointer from the root of the whole. Its
 * references lead to the same types as before: each is written as a pointer from the new root, because whoever reads the
 * whole may follow nothing else. Names (`$id`, `$anchor`) are left out: two schemas in one may have the same.
 * @throws {SchemaError}
 */
export const embedded = (schema: JsonSchema, pointer: string): JsonSchema =>
  moved(documentOf(schema), schema, pointer);

const names: ReadonlySet<string> = new Set(['$schema', '$id', '$anchor']);

function moved(document: SchemaDocument, schema: JsonSchema, to: string): JsonSchema {
  const inside = new Map<unknown, JsonSchema>();
  for (const { schema: part } of partsOf(schema))
    if (isObject(part)) inside.set(part, moved(document, part, to));
  const entries = Object.entries(schema)
    .filter(([name]) => !names.has(name))
    .map(([name, value]): [string, unknown] => {
      if (name === '$ref') return [name, referenceIn(document, schema, to) ?? value];
      if (isKeyword(name)) return [name, withParts(value, inside)];
      return [name, isObject(value) ? moved(document, value, to) : value];
    });
  return Object.fromEntries(entries);
}

/** The value of a keyword with the schemas in it replaced. */
function withParts(value: unknown, inside: ReadonlyMap<unknown, JsonSchema>): unknown {
  const replaced = (part: unknown): unknown => inside.get(part) ?? part;
  if (Array.isArray(value)) return value.map(replaced);
  if (!isObject(value) || inside.has(value)) return replaced(value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part)]));
}

/** Undefined for what only looks like a reference: an annotation may hold anything. */
function referenceIn(document: SchemaDocument, schema: JsonSchema, to: string): string | undefined {
  try {
    const target = document.target(schema);
    return target && `#${encodeURI(to + target.pointer)}`;
  } catch (error) {
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
}
