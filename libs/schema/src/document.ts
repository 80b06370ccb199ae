import { flawAt } from './flaw.js';
import { isKeyword, partsOf } from './keywords.js';
import { partsOfPointer, pointerPart } from './path.js';
import { isObject, isSchema, type JsonSchema, type Schema, SchemaError } from './schema.js';

/** Where a schema stands in its document. */
interface Place {
  /** JSON pointer from the root. */
  readonly pointer: string;
  /** The name against which its references are read: that of the nearest schema with an `$id`. */
  readonly base: string;
}

/** What a reference leads to. */
export interface Target {
  readonly schema: Schema;
  /** JSON pointer from the root. */
  readonly pointer: string;
}

const ROOT = 'schema:/';

/** A schema with everything in it that a reference may lead to. References out of it are refused. */
export class SchemaDocument {
  readonly #places = new Map<JsonSchema, Place>();
  readonly #named = new Map<string, JsonSchema>();
  readonly #targets = new Map<JsonSchema, Target>();

  /** Whether a schema in it asks which parts of a value other schemas have evaluated. */
  #asksForUnevaluated = false;

  constructor(readonly root: JsonSchema) {
    this.#named.set(ROOT, root);
    this.#index(root, '', ROOT);
  }

  get asksForUnevaluated(): boolean {
    return this.#asksForUnevaluated;
  }

  /** JSON pointer of a schema that stands in it. */
  pointerOf(schema: JsonSchema): string {
    return this.#places.get(schema)?.pointer ?? '';
  }

  /**
   * What the `$ref` of this schema leads to; undefined when it has none.
   * @throws {SchemaError} nothing, or something outside the document
   */
  target(schema: JsonSchema): Target | undefined {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return undefined;
    let target = this.#targets.get(schema);
    if (target === undefined) {
      target = this.#resolve($ref, this.#places.get(schema)?.base ?? ROOT);
      this.#targets.set(schema, target);
    }
    return target;
  }

  #resolve(reference: string, base: string): Target {
    const [name = '', fragment = ''] = split(reference);
    const resource = this.#named.get(name === '' ? base : (absolute(name, base) ?? ''));
    if (resource === undefined) {
      throw unusable(`refers to "${reference}": only references inside the schema ("#/...") are followed`);
    }
    if (fragment !== '' && !fragment.startsWith('/')) {
      const { base: own } = this.#placeOf(resource);
      const schema = this.#named.get(`${own}#${fragment}`) ?? nowhere(reference);
      return { schema, pointer: this.pointerOf(schema) };
    }
    return this.#descend(resource, fragment, reference);
  }

  #descend(resource: JsonSchema, pointer: string, reference: string): Target {
    let at: unknown = resource;
    for (const part of partsOfPointer(pointer)) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return nowhere(reference);
      at = Reflect.get(at, part);
    }
    if (!isSchema(at)) return nowhere(reference);
    const { pointer: own, base } = this.#placeOf(resource);
    if (isObject(at)) this.#index(at, own + pointer, base);
    return { schema: at, pointer: own + pointer };
  }

  #placeOf(resource: JsonSchema): Place {
    const place = this.#places.get(resource);
    if (place === undefined) throw new Error('this resource does not stand in the schema');
    return place;
  }

  #index(schema: JsonSchema, pointer: string, outer: string): void {
    if (this.#places.has(schema)) return;
    const { $id, $anchor } = schema;
    if ('unevaluatedProperties' in schema || 'unevaluatedItems' in schema) this.#asksForUnevaluated = true;
    const base = typeof $id === 'string' ? (absolute(split($id)[0] ?? '', outer) ?? outer) : outer;
    this.#places.set(schema, { pointer, base });
    if (base !== outer) this.#named.set(base, schema);
    if (typeof $anchor === 'string') this.#named.set(`${base}#${$anchor}`, schema);
    for (const { schema: part, at } of [...partsOf(schema), ...foreignPartsOf(schema)]) {
      if (isObject(part)) this.#index(part, [pointer, ...at.map(pointerPart)].join('/'), base);
    }
  }
}

/** Objects behind names that are not keywords, such as the `types` of a workflow document: a reference may lead there. */
function foreignPartsOf(schema: JsonSchema): { schema: JsonSchema; at: string[] }[] {
  return Object.entries(schema).flatMap(([name, value]) =>
    isKeyword(name) || !isObject(value) ? [] : [{ schema: value, at: [name] }],
  );
}

/** Name and fragment of a reference. */
function split(reference: string): [string, string] {
  const hash = reference.indexOf('#');
  if (hash < 0) return [reference, ''];
  return [reference.slice(0, hash), decoded(reference.slice(hash + 1))];
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function absolute(name: string, base: string): string | undefined {
  return URL.canParse(name, base) ? new URL(name, base).href : undefined;
}

const nowhere = (reference: string): never => {
  throw unusable(`refers to "${reference}", and there is no schema`);
};

const unusable = (message: string): SchemaError => new SchemaError([flawAt(undefined, message)]);
