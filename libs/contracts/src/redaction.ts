/*
 * Which parts of a value are shown, worked out once from its JSON Schema.
 *
 * R1  A value is shown only where a schema names its field and does not classify it otherwise. What no schema names is left out, its
 *     name too: bags and open objects are closed.
 * R2  Where several schemas speak of one value, the strictest counts.
 * R3  The result depends on the schema and the value, and on nothing else.
 */
import { internal, personal, type RefinedBy, toolInput, workflowInput } from './classification.js';

/** What becomes of a value, from the laxest to the strictest. */
export type Redaction =
  | { readonly does: 'keep' }
  | Walk
  | { readonly does: 'refine'; readonly schema: RefinedBy }
  | { readonly does: 'replace'; readonly classification: string }
  | { readonly does: 'drop' };

export interface Walk {
  readonly does: 'walk';
  readonly properties: ReadonlyMap<string, Redaction>;
  readonly items: Redaction;
  /** A value that is neither an object nor a list. */
  readonly scalar: Redaction;
}

type Schema = Readonly<Record<string, unknown>>;

const keep: Redaction = { does: 'keep' };
/** Of what nobody has said anything. */
export const leftOut: Redaction = { does: 'replace', classification: personal.classification };
/** Lets anything in: a scalar is what the field is for; of a bag nothing is shown. */
const open: Redaction = { does: 'walk', properties: new Map(), items: leftOut, scalar: keep };

/** What a schema of ours says: its author has thought of every field. */
export const redactionOf = (schema: unknown): Redaction => new Reading(schema, ownClass).redaction;

/**
 * What a schema of somebody else says. One that classifies nothing at all, not even as `public`, has been thought of by nobody:
 * everything is left out then.
 */
export function foreignRedactionOf(schema: unknown): Redaction {
  const { redaction, isClassified } = new Reading(schema, replaced);
  return isClassified ? redaction : leftOut;
}

class Reading {
  isClassified = false;
  readonly redaction: Redaction;
  readonly #open = new Set<string>();

  constructor(
    readonly root: unknown,
    readonly classified: (classification: string) => Redaction,
  ) {
    this.redaction = this.#of(root);
  }

  #of(schema: unknown): Redaction {
    if (schema === true) return open;
    if (!isSchema(schema)) return leftOut;
    const { classification } = schema;
    if (typeof classification === 'string') {
      this.isClassified = true;
      if (classification !== 'public') return this.classified(classification);
    }
    const said = [...this.#alternatives(schema), ...this.#members(schema)];
    if (said.length > 0) return said.reduce(strictest);
    return isClosed(schema) ? keep : open;
  }

  /** Schemas that speak of the same value. */
  #alternatives(schema: Schema): Redaction[] {
    const { allOf, anyOf, oneOf, $ref, dependentSchemas } = schema;
    const others = [schema.then, schema.else].filter((one) => one !== undefined);
    const found = [...list(allOf), ...list(anyOf), ...list(oneOf), ...values(dependentSchemas), ...others];
    const redactions = found.map((one) => this.#of(one));
    return $ref === undefined ? redactions : [...redactions, this.#referred($ref)];
  }

  /** Schemas that speak of what is in the value. */
  #members(schema: Schema): Redaction[] {
    const { properties, additionalProperties, patternProperties, items, contains } = schema;
    const elements = [...list(schema.prefixItems), ...list([items, contains])];
    const isBag = saysSomething(additionalProperties) || patternProperties !== undefined;
    if (properties === undefined && !isBag && elements.length === 0) return [];
    // What a bag holds is not shown, but a classification in there says that somebody has thought about it.
    for (const one of [...values(patternProperties), additionalProperties]) this.#of(one);
    const named = Object.entries(isSchema(properties) ? properties : {});
    return [
      {
        does: 'walk',
        properties: new Map(named.map(([name, one]) => [name, this.#of(one)])),
        items: this.#all(elements),
        scalar: leftOut,
      },
    ];
  }

  #all(schemas: readonly unknown[]): Redaction {
    return schemas.length === 0 ? leftOut : schemas.map((one) => this.#of(one)).reduce(strictest);
  }

  /** Below a schema that refers to itself everything is left out. */
  #referred(ref: unknown): Redaction {
    if (typeof ref !== 'string' || this.#open.has(ref)) return leftOut;
    this.#open.add(ref);
    const found = this.#of(target(this.root, ref));
    this.#open.delete(ref);
    return found;
  }
}

const replaced = (classification: string): Redaction => ({ does: 'replace', classification });

function ownClass(classification: string): Redaction {
  if (classification === internal.classification) return { does: 'drop' };
  if (classification === toolInput.classification || classification === workflowInput.classification)
    return { does: 'refine', schema: classification };
  return replaced(classification);
}

const strictness: readonly Redaction['does'][] = ['keep', 'walk', 'refine', 'replace', 'drop'];

/** R2 */
function strictest(a: Redaction, b: Redaction): Redaction {
  if (a.does === 'walk' && b.does === 'keep') return { ...a, scalar: keep };
  if (a.does === 'keep' && b.does === 'walk') return { ...b, scalar: keep };
  if (a.does !== 'walk' || b.does !== 'walk')
    return strictness.indexOf(a.does) >= strictness.indexOf(b.does) ? a : b;
  const properties = new Map(a.properties);
  for (const [name, one] of b.properties) {
    const other = properties.get(name);
    properties.set(name, other === undefined ? one : strictest(other, one));
  }
  return {
    does: 'walk',
    properties,
    items: strictest(a.items, b.items),
    scalar: strictest(a.scalar, b.scalar),
  };
}

/** What `#/a/b` points to; undefined when it is nothing of this schema. */
function target(root: unknown, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  return ref
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (found, name) => (isSchema(found) && Object.hasOwn(found, name) ? found[name] : undefined),
      root,
    );
}

const scalars: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'null']);

/** Whether only scalars, or values that it lists, fit it. */
function isClosed({ type, enum: listed, const: only }: Schema): boolean {
  if (listed !== undefined || only !== undefined) return true;
  return Array.isArray(type) ? type.every((one) => scalars.has(one)) : scalars.has(type);
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value.filter((one) => one !== undefined) : [];
const values = (value: unknown): unknown[] => (isSchema(value) ? Object.values(value) : []);
/** `true` and `{}` accept anything and name no field. */
const saysSomething = (value: unknown): boolean => isSchema(value) && Object.keys(value).length > 0;
