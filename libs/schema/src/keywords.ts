import { isObject, isSchema, type JsonSchema, type Schema } from './schema.js';

/** What may stand behind a keyword. */
type Takes =
  | 'a schema'
  | 'a list of schemas'
  | 'schemas by name'
  | 'schemas or names by name'
  | 'names by name'
  | 'a text'
  | 'a number'
  | 'a number above 0'
  | 'a count'
  | 'true or false'
  | 'a list of names'
  | 'a type of JSON or a list of types'
  | 'a list'
  | 'any value';

interface Keyword {
  readonly takes: Takes;
  /** Its schemas evaluate the value itself, not a part of it. */
  readonly inPlace?: true;
}

/** Every keyword that is understood. Any other one is an annotation. */
const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>(
  Object.entries({
    $ref: { takes: 'a text' },
    $id: { takes: 'a text' },
    $anchor: { takes: 'a text' },
    $defs: { takes: 'schemas by name' },
    definitions: { takes: 'schemas by name' },
    type: { takes: 'a type of JSON or a list of types' },
    nullable: { takes: 'true or false' },
    enum: { takes: 'a list' },
    const: { takes: 'any value' },
    default: { takes: 'any value' },
    examples: { takes: 'any value' },
    multipleOf: { takes: 'a number above 0' },
    maximum: { takes: 'a number' },
    exclusiveMaximum: { takes: 'a number' },
    minimum: { takes: 'a number' },
    exclusiveMinimum: { takes: 'a number' },
    maxLength: { takes: 'a count' },
    minLength: { takes: 'a count' },
    pattern: { takes: 'a text' },
    format: { takes: 'a text' },
    maxItems: { takes: 'a count' },
    minItems: { takes: 'a count' },
    uniqueItems: { takes: 'true or false' },
    prefixItems: { takes: 'a list of schemas' },
    items: { takes: 'a schema' },
    contains: { takes: 'a schema' },
    minContains: { takes: 'a count' },
    maxContains: { takes: 'a count' },
    unevaluatedItems: { takes: 'a schema' },
    maxProperties: { takes: 'a count' },
    minProperties: { takes: 'a count' },
    required: { takes: 'a list of names' },
    dependentRequired: { takes: 'names by name' },
    properties: { takes: 'schemas by name' },
    patternProperties: { takes: 'schemas by name' },
    additionalProperties: { takes: 'a schema' },
    propertyNames: { takes: 'a schema' },
    unevaluatedProperties: { takes: 'a schema' },
    dependentSchemas: { takes: 'schemas by name', inPlace: true },
    dependencies: { takes: 'schemas or names by name', inPlace: true },
    allOf: { takes: 'a list of schemas', inPlace: true },
    anyOf: { takes: 'a list of schemas', inPlace: true },
    oneOf: { takes: 'a list of schemas', inPlace: true },
    not: { takes: 'a schema', inPlace: true },
    if: { takes: 'a schema', inPlace: true },
    // biome-ignore lint/suspicious/noThenProperty: the keyword's name
    then: { takes: 'a schema', inPlace: true },
    else: { takes: 'a schema', inPlace: true },
  } satisfies Record<string, Keyword>),
);

export const isKeyword = (name: string): boolean => keywords.has(name);

const types: ReadonlySet<unknown> = new Set([
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'array',
  'object',
]);

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

const fits: Readonly<Record<Takes, (value: unknown) => boolean>> = {
  'a schema': isSchema,
  'a list of schemas': (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema),
  'schemas by name': (value) => isObject(value) && Object.values(value).every(isSchema),
  'schemas or names by name': (value) =>
    isObject(value) && Object.values(value).every((part) => isSchema(part) || isNames(part)),
  'names by name': (value) => isObject(value) && Object.values(value).every(isNames),
  'a text': (value) => typeof value === 'string',
  'a number': Number.isFinite,
  'a number above 0': (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
  'a count': (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
  'true or false': (value) => typeof value === 'boolean',
  'a list of names': isNames,
  'a type of JSON or a list of types': (value) =>
    Array.isArray(value) ? value.length > 0 && value.every((type) => types.has(type)) : types.has(value),
  'a list': Array.isArray,
  'any value': () => true,
};

/** What should stand behind the keyword and does not. */
export function misformOf(keyword: string, value: unknown): string | undefined {
  const takes = keywords.get(keyword)?.takes;
  return takes === undefined || fits[takes](value) ? undefined : `must be ${takes}`;
}

/** A schema inside another one. */
export interface Part {
  readonly schema: Schema;
  readonly at: readonly (string | number)[];
  /** It evaluates the same value as the schema around it. */
  readonly inPlace: boolean;
}

/** The schemas that stand directly inside this one. */
export function partsOf(schema: JsonSchema): Part[] {
  const parts: Part[] = [];
  for (const [name, value] of Object.entries(schema)) {
    const keyword = keywords.get(name);
    if (keyword === undefined) continue;
    const inPlace = keyword.inPlace === true;
    const add = (part: unknown, ...at: (string | number)[]) => {
      if (isSchema(part)) parts.push({ schema: part, at: [name, ...at], inPlace });
    };
    switch (keyword.takes) {
      case 'a schema':
        add(value);
        break;
      case 'a list of schemas':
        if (Array.isArray(value)) for (const [index, part] of value.entries()) add(part, index);
        break;
      case 'schemas by name':
      case 'schemas or names by name':
        if (isObject(value)) for (const [key, part] of Object.entries(value)) add(part, key);
        break;
    }
  }
  return parts;
}
