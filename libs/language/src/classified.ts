import { isPlainObject } from './json-guard.js';

const DEPTH_MAX = 64;

/**
 * The classification of what stands at `path` in values of a schema, or of anything around it or within it; undefined: none, or `public`.
 * Where the schema has alternatives, any of them counts.
 */
export function classificationAt(schema: unknown, path: readonly string[]): string | undefined {
  return new Search(schema).at(schema, path, 0);
}

const alternatives = ['anyOf', 'oneOf', 'allOf', 'then', 'else'] as const;
const members = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'items',
  'prefixItems',
] as const;

class Search {
  readonly #open = new Set<unknown>();

  constructor(readonly root: unknown) {}

  at(schema: unknown, path: readonly string[], depth: number): string | undefined {
    if (!isPlainObject(schema) || depth > DEPTH_MAX) return undefined;
    const own = ownOf(schema);
    if (own !== undefined) return own;
    const same = [...alternatives.flatMap((name) => list(schema[name])), this.#referred(schema.$ref)];
    for (const one of same) {
      const found = this.at(one, path, depth + 1);
      if (found !== undefined) return found;
    }
    const [name, ...rest] = path;
    if (name === undefined) return this.#within(schema);
    const { properties, additionalProperties, items } = schema;
    const named = isPlainObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    return this.at(named ?? (isPlainObject(items) ? items : additionalProperties), rest, depth + 1);
  }

  #within(schema: unknown): string | undefined {
    if (Array.isArray(schema)) return first(schema, (one) => this.#within(one));
    if (!isPlainObject(schema) || this.#open.has(schema)) return undefined;
    this.#open.add(schema);
    const own = ownOf(schema) ?? this.#within(this.#referred(schema.$ref));
    if (own !== undefined) return own;
    const parts = [...alternatives, ...members, 'additionalProperties', 'contains'].map(
      (name) => schema[name],
    );
    return first(parts, (part) => this.#within(part) ?? first(valuesOf(part), (one) => this.#within(one)));
  }

  #referred(ref: unknown): unknown {
    if (typeof ref !== 'string' || !ref.startsWith('#/')) return undefined;
    return ref
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((found, name) => (isPlainObject(found) ? found[name] : undefined), this.root);
  }
}

function ownOf({ classification }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof classification === 'string' && classification !== 'public' ? classification : undefined;
}

function first<T>(all: readonly T[], find: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const valuesOf = (value: unknown): readonly unknown[] => (isPlainObject(value) ? Object.values(value) : []);
