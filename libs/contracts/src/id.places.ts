import { z } from 'zod';
import { type Separator, separatorOf } from './part.id.js';
import { hasFields } from './unknown.fields.js';

/** Where ids of parts lie in the data of one schema. */
export interface IdPlaces {
  /** The value itself is one. */
  readonly separator?: Separator;
  readonly fields: ReadonlyMap<string, IdPlaces>;
  /** In each element of a list. */
  readonly items?: IdPlaces;
}

/**
 * Finds the ids in a schema, through objects, lists, unions and what may be absent; undefined: there are none.
 * @throws where a field is an id in one case and a number in another: nobody could tell which it is
 */
export function idPlacesOf(schema: z.core.$ZodType): IdPlaces | undefined {
  return idsAlone(valuesOf(schema));
}

/** What may stand at a place, as far as it matters here. */
interface Values {
  readonly stored: ReadonlySet<Separator | 'number'>;
  readonly fields: ReadonlyMap<string, Values>;
  readonly items?: Values;
}

const nothing: Values = { stored: new Set(), fields: new Map() };

function valuesOf(schema: z.core.$ZodType): Values {
  const separator = separatorOf(schema);
  if (separator !== undefined) return { ...nothing, stored: new Set([separator]) };
  if (schema instanceof z.ZodNumber) return { ...nothing, stored: new Set(['number']) };
  if (schema instanceof z.ZodArray) return { ...nothing, items: valuesOf(schema.element) };
  if (schema instanceof z.ZodUnion) return schema.options.map(valuesOf).reduce(either, nothing);
  if (isWrapper(schema)) return valuesOf(schema.unwrap());
  if (!(schema instanceof z.ZodObject)) return nothing;
  const fields = Object.entries<z.core.$ZodType>(schema.shape);
  return { ...nothing, fields: new Map(fields.map(([name, field]) => [name, valuesOf(field)])) };
}

const isWrapper = (schema: z.core.$ZodType) =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;

function either(one: Values, other: Values): Values {
  const stored = new Set([...one.stored, ...other.stored]);
  if (stored.size > 1)
    throw new Error('an id of a part cannot be told from what else may stand in its place');
  const fields = new Map(one.fields);
  for (const [name, values] of other.fields) fields.set(name, either(fields.get(name) ?? nothing, values));
  if (one.items === undefined && other.items === undefined) return { stored, fields };
  return { stored, fields, items: either(one.items ?? nothing, other.items ?? nothing) };
}

function idsAlone({ stored, fields: all, items: any }: Values): IdPlaces | undefined {
  const separator = [...stored].find((one) => one !== 'number');
  const items = any && idsAlone(any);
  const fields = new Map<string, IdPlaces>();
  for (const [name, values] of all) {
    const places = idsAlone(values);
    if (places !== undefined) fields.set(name, places);
  }
  if (separator === undefined && items === undefined && fields.size === 0) return undefined;
  return { fields, ...(separator && { separator }), ...(items && { items }) };
}

/** `data` with the seq in place of each id of `run`. What holds no such id is the same object. */
export const withSeqs = (places: IdPlaces, data: unknown, run: string): unknown =>
  changed(places, data, (value, separator) => {
    if (typeof value !== 'string') return value;
    const prefix = `${run}${separator}`;
    if (!value.startsWith(prefix)) return value;
    const seq = Number(value.slice(prefix.length));
    return isSeq(seq) && value === `${prefix}${seq}` ? seq : value;
  });

/** `data` with the id of a part of `run` in place of each seq. */
export const withIds = (places: IdPlaces, data: unknown, run: string): unknown =>
  changed(places, data, (value, separator) => (isSeq(value) ? `${run}${separator}${value}` : value));

function changed(
  places: IdPlaces,
  data: unknown,
  change: (value: unknown, separator: Separator) => unknown,
): unknown {
  const { separator, fields, items } = places;
  if (Array.isArray(data)) return items ? data.map((one) => changed(items, one, change)) : data;
  if (!hasFields(data)) return separator === undefined ? data : change(data, separator);
  let copy: Record<string, unknown> | undefined;
  for (const [name, inside] of fields) {
    const before = data[name];
    if (before === undefined) continue;
    const after = changed(inside, before, change);
    if (after === before) continue;
    copy ??= { ...data };
    copy[name] = after;
  }
  return copy ?? data;
}

const isSeq = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
