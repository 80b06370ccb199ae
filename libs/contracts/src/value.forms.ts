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
 * Nobody writes the other forms yet (docs/decisions/0026). Who cannot read one refuses the whole record: without that, a value that is kept
 * elsewhere would be none at all.
 */
import { z } from 'zod';
import { personal } from './classification.js';

const otherForms = ['Ref', 'Sealed', 'Labels'] as const;

/** Fields of a message that hold values, by the objects that they stand in. */
export interface ValuePlaces {
  /** Names of fields that no object here may have. */
  readonly refused: readonly string[];
  readonly fields: readonly (readonly [field: string, within: ValuePlaces])[];
  /** Of a list: its elements. */
  readonly each?: ValuePlaces;
}

const nowhere: ValuePlaces = { refused: [], fields: [] };

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
  const refused = Object.entries(shape).flatMap(([field, part]) =>
    isValue(part) ? otherForms.map((form) => field + form) : [],
  );
  const fields = Object.entries(shape).flatMap(([field, part]) => {
    const within = valuePlacesIn(part);
    return within === nowhere ? [] : [[field, within] as const];
  });
  return refused.length === 0 && fields.length === 0 ? nowhere : { refused, fields };
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
