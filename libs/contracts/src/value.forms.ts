/*
 * Where the values of a message stand, and in which form. A value is data of a workflow, a tool or a person: JSON, or a text that is classified
 * as personal, in a field of its own.
 * What stands beside it says that it has another form, so that no value can be mistaken for one:
 *
 *   output         the value itself
 *   outputRef      {hash, size, type} of a value that is kept elsewhere
 *   outputSealed   {key, ciphertext} of a value that only the holder of the key can read
 *   outputLabels   labels of the value, wherever it stands
 *
 * A schema that knows such a field names it: then a value by reference is read as one (`stored.value.ts`), and written as one. Of the others
 * nobody writes any yet (docs/decisions/0026). Who cannot read one refuses the whole record: without that, a value that is kept elsewhere
 * would be none at all.
 */
import { z } from 'zod';
import { personal } from './classification.js';
import { byReference, type StoredValue, storedIn } from './stored.value.js';

const otherForms = ['Ref', 'Sealed', 'Labels'] as const;

/** Fields of a message that hold values, by the objects that they stand in. */
export interface ValuePlaces {
  /** Names of fields that no object here may have. */
  readonly refused: readonly string[];
  /** Fields whose value may be kept elsewhere. */
  readonly stored: readonly string[];
  readonly fields: readonly (readonly [field: string, within: ValuePlaces])[];
  /** Of a list: its elements. */
  readonly each?: ValuePlaces;
}

const nowhere: ValuePlaces = { refused: [], stored: [], fields: [] };

const refOf = (field: string): string => `${field}Ref`;

/** Where a message with this schema holds values. */
export function valuePlacesIn(schema: z.ZodType): ValuePlaces {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return valuePlacesIn(schema.def.innerType as z.ZodType);
  if (schema instanceof z.ZodArray) {
    const each = valuePlacesIn(schema.def.element as z.ZodType);
    return each === nowhere ? nowhere : { ...nowhere, each };
  }
  if (schema instanceof z.ZodUnion)
    return merged(schema.def.options.map((option) => valuePlacesIn(option as z.ZodType)));
  return schema instanceof z.ZodObject ? placesInFields(schema.shape) : nowhere;
}

function placesInFields(shape: Readonly<Record<string, z.ZodType>>): ValuePlaces {
  const values = Object.entries(shape).flatMap(([field, part]) => (isValue(part) ? [field] : []));
  const stored = values.filter((field) => shape[refOf(field)] !== undefined);
  const refused = values
    .flatMap((field) => otherForms.map((form) => field + form))
    .filter((name) => shape[name] === undefined);
  const fields = Object.entries(shape).flatMap(([field, part]) => {
    const within = valuePlacesIn(part);
    return within === nowhere ? [] : [[field, within] as const];
  });
  return refused.length === 0 && fields.length === 0 ? nowhere : { refused, stored, fields };
}

function isValue(part: z.ZodType): boolean {
  if (part instanceof z.ZodOptional || part instanceof z.ZodDefault || part instanceof z.ZodNullable)
    return isPersonal(part) || isValue(part.def.innerType as z.ZodType);
  if (part instanceof z.ZodArray) return isValue(part.def.element as z.ZodType);
  return part instanceof z.ZodUnknown || part instanceof z.ZodRecord || isPersonal(part);
}

const isPersonal = (part: z.ZodType): boolean => part.meta()?.classification === personal.classification;

/** An object of a union may be any of them. */
function merged(all: readonly ValuePlaces[]): ValuePlaces {
  const some = all.filter((places) => places !== nowhere);
  if (some.length < 2) return some[0] ?? nowhere;
  const lists = some.flatMap(({ each }) => each ?? []);
  return {
    ...(lists.length > 0 && { each: merged(lists) }),
    refused: [...new Set(some.flatMap(({ refused }) => refused))],
    stored: [...new Set(some.flatMap(({ stored }) => stored))],
    fields: some.flatMap(({ fields }) => fields),
  };
}

/** Which value of these data stands in a form that this release cannot read, and where: `outcome.outputRef`. */
export function unreadableValueIn(places: ValuePlaces, data: unknown): string | undefined {
  if (places === nowhere || typeof data !== 'object' || data === null) return undefined;
  const { refused, fields, each } = places;
  if (each !== undefined && Array.isArray(data)) return unreadableElement(each, data);
  for (const name of refused) if (Object.hasOwn(data, name)) return name;
  for (const [field, within] of fields) {
    const found = unreadableValueIn(within, Reflect.get(data, field));
    if (found !== undefined) return found.startsWith('[') ? `${field}${found}` : `${field}.${found}`;
  }
  return undefined;
}

function unreadableElement(each: ValuePlaces, list: readonly unknown[]): string | undefined {
  for (const [at, element] of list.entries()) {
    const found = unreadableValueIn(each, element);
    if (found !== undefined) return `[${at}].${found}`;
  }
  return undefined;
}

/** The data with every value by reference in its place, as the cores see it: the very same where there is none. */
export const withReferences = (places: ValuePlaces, data: unknown): unknown =>
  changed(places, data, (holder, field) => {
    if (!Object.hasOwn(holder, refOf(field))) return undefined;
    const { [refOf(field)]: stored, ...others } = holder;
    return { ...others, [field]: byReference(stored as StoredValue) };
  });

/** The data as a record holds them: what is kept elsewhere stands beside its place. */
export const withRefFields = (places: ValuePlaces, data: unknown): unknown =>
  changed(places, data, (holder, field) => {
    const stored = storedIn(holder[field]);
    if (stored === undefined) return undefined;
    const { [field]: _value, ...others } = holder;
    return { ...others, [refOf(field)]: stored };
  });

type Holder = Readonly<Record<string, unknown>>;

/** @param change what stands instead of the object that holds the field; undefined: it stays */
function changed(
  places: ValuePlaces,
  data: unknown,
  change: (holder: Holder, field: string) => Holder | undefined,
): unknown {
  if (places === nowhere || typeof data !== 'object' || data === null) return data;
  const { stored, fields, each } = places;
  if (Array.isArray(data)) {
    if (each === undefined) return data;
    const items = data.map((item: unknown) => changed(each, item, change));
    return items.some((item, at) => item !== data[at]) ? items : data;
  }
  let holder = data as Holder;
  for (const field of stored) holder = change(holder, field) ?? holder;
  for (const [field, within] of fields) {
    const before = holder[field];
    const after = changed(within, before, change);
    if (after !== before) holder = { ...holder, [field]: after };
  }
  return holder;
}

/** The data with the value itself wherever one stands by reference, as the cores see them: the very same where there is none. */
export function withValues(data: unknown, wholeOf: (stored: StoredValue) => unknown): unknown {
  if (referencesIn(data).length === 0) return data;
  const whole = (node: unknown): unknown => {
    const stored = storedIn(node);
    if (stored !== undefined) return wholeOf(stored);
    if (Array.isArray(node)) return node.map(whole);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, part]) => [name, whole(part)]));
  };
  return whole(data);
}

/** Every value by reference that stands in these data, at any depth, as the cores see them. */
export function referencesIn(data: unknown): StoredValue[] {
  const found: StoredValue[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const stored = storedIn(node);
    if (stored !== undefined) found.push(stored);
    else for (const part of Object.values(node)) visit(part);
  };
  visit(data);
  return found;
}
