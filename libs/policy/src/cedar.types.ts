import type { Type } from '@cedar-policy/cedar-wasm/nodejs';
import { cedarKey } from './cedar-key.js';

/** A type in Cedar's JSON form of a schema. */
export type CedarType = Type<string>;
export type CedarRecord = Extract<CedarType, { type: 'Record' }>;
type Attributes = CedarRecord['attributes'];

export const string: CedarType = { type: 'String' };
export const long: CedarType = { type: 'Long' };
export const boolean: CedarType = { type: 'Boolean' };
export const decimal: CedarType = { type: 'Extension', name: 'decimal' };
export const setOf = (element: CedarType): CedarType => ({ type: 'Set', element });

/** @param optional names that may be absent */
export const record = (
  types: Readonly<Record<string, CedarType>>,
  optional: readonly string[] = [],
): CedarRecord => ({
  type: 'Record',
  attributes: Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, { ...type, required: !optional.includes(name) }]),
  ),
});

export const isRecord = (type: CedarType | undefined): type is CedarRecord =>
  type?.type === 'Record' && 'attributes' in type;

/** The type under a name; undefined where the record says nothing of it. */
export function attributeOf(type: CedarType | undefined, name: string): CedarType | undefined {
  if (!isRecord(type)) return undefined;
  const attributes: Attributes = type.attributes;
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

/** JSON Schemas nest and refer to themselves; what lies beyond is not described. */
const LEVELS_MAX = 16;
const TYPES_MAX = 5_000;

/**
 * The Cedar type of what a JSON Schema describes: `integer` is a long and `number` a decimal, whatever the value. Undefined for what has
 * no one type in Cedar: anything at all, text or number, a list of different things, an object whose names are data. Every attribute
 * counts as present, since `has` is how a policy asks; at run time a policy that reads what is absent denies.
 */
export function cedarTypeOf(schema: unknown): CedarType | undefined {
  return new Reading(schema).typeOf(schema, 0);
}

class Reading {
  #types = 0;

  constructor(private readonly root: unknown) {}

  typeOf(schema: unknown, level: number): CedarType | undefined {
    this.#types += 1;
    if (!isObject(schema) || level > LEVELS_MAX || this.#types > TYPES_MAX) return undefined;
    if (typeof schema.$ref === 'string') return this.typeOf(this.#referred(schema.$ref), level + 1);
    const parts = [
      this.#own(schema, level),
      ...this.#alternatives(schema, level),
      ...this.#all(schema, level),
    ];
    return oneOf(parts.filter((part): part is CedarType | undefined => part !== 'unsaid'));
  }

  /** What the schema says by itself; `unsaid`: nothing about the type. */
  #own(schema: Schema, level: number): CedarType | 'unsaid' | undefined {
    const kinds = [schema.type].flat().filter((kind) => kind !== undefined && kind !== 'null');
    if (kinds.length > 0) return oneOf(kinds.map((kind) => this.#ofKind(kind, schema, level)));
    const values = 'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : [];
    if (values.length > 0) return oneOf(values.filter((value) => value !== null).map(typeOfValue));
    return isObject(schema.properties) ? this.#record(schema, level) : 'unsaid';
  }

  #ofKind(kind: unknown, schema: Schema, level: number): CedarType | undefined {
    switch (kind) {
      case 'string':
        return string;
      case 'boolean':
        return boolean;
      case 'integer':
        return long;
      case 'number':
        return decimal;
      case 'array': {
        const element = schema.prefixItems === undefined ? this.typeOf(schema.items, level + 1) : undefined;
        return element && setOf(element);
      }
      case 'object':
        return this.#record(schema, level);
      default:
        return undefined;
    }
  }

  #record(schema: Schema, level: number): CedarType {
    const attributes: Attributes = {};
    for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
      const type = this.typeOf(property, level + 1);
      if (type !== undefined) attributes[cedarKey(name)] = { ...type, required: true };
    }
    return { type: 'Record', attributes };
  }

  #alternatives({ anyOf, oneOf }: Schema, level: number) {
    return [anyOf, oneOf]
      .flatMap((branches) => (Array.isArray(branches) ? branches : []))
      .filter((branch) => !(isObject(branch) && branch.type === 'null'))
      .map((branch) => this.typeOf(branch, level + 1));
  }

  #all({ allOf }: Schema, level: number) {
    return (Array.isArray(allOf) ? allOf : []).map((part) => this.typeOf(part, level + 1));
  }

  #referred(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined;
    const names = reference.slice(1).split('/').slice(1);
    return names
      .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>(
        (at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined),
        this.root,
      );
  }
}

type Schema = { readonly [keyword: string]: unknown };

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOfValue(value: unknown): CedarType | undefined {
  if (typeof value === 'string') return string;
  if (typeof value === 'boolean') return boolean;
  if (typeof value === 'number') return Number.isInteger(value) ? long : decimal;
  return undefined;
}

/** The type that all of them are, records with what each of them names; undefined: there is none. */
function oneOf(types: readonly (CedarType | undefined)[]): CedarType | undefined {
  const [first, ...others] = types;
  return others.reduce<CedarType | undefined>(both, first);
}

function both(a: CedarType | undefined, b: CedarType | undefined): CedarType | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (isRecord(a) && isRecord(b)) return bothRecords(a, b);
  if (isNumber(a) && isNumber(b)) return a.type === 'Long' && b.type === 'Long' ? long : decimal;
  if (a.type === 'Set' && b.type === 'Set' && 'element' in a && 'element' in b) {
    const element = both(a.element, b.element);
    return element && setOf(element);
  }
  return a.type === b.type ? a : undefined;
}

function bothRecords(a: CedarRecord, b: CedarRecord): CedarRecord {
  const attributes: Attributes = {};
  for (const name of new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)])) {
    const mine = attributeOf(a, name);
    const theirs = attributeOf(b, name);
    const type = mine === undefined || theirs === undefined ? (mine ?? theirs) : both(mine, theirs);
    if (type !== undefined) attributes[name] = { ...type, required: true };
  }
  return { type: 'Record', attributes };
}

const isNumber = ({ type }: CedarType): boolean => type === 'Long' || type === 'Extension';

/** A record with what it lacks taken from others: what it says itself stays, also below. */
export function filledFrom(own: CedarType | undefined, others: readonly (CedarType | undefined)[]) {
  return others.reduce<CedarType | undefined>(filled, own);
}

function filled(own: CedarType | undefined, other: CedarType | undefined): CedarType | undefined {
  if (own === undefined) return other;
  if (!isRecord(own) || !isRecord(other)) return own;
  const attributes: Attributes = { ...own.attributes };
  for (const [name, theirs] of Object.entries(other.attributes)) {
    const type = filled(attributeOf(own, name), theirs);
    if (type !== undefined) attributes[name] = { ...type, required: true };
  }
  return { type: 'Record', attributes };
}
