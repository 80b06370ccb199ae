import fc from 'fast-check';
import type { JsonSchema } from './schema.js';

/** Small words, so that schemas and values meet. */
const key = fc.constantFrom('a', 'b', 'c', 'ab');
const text = fc.constantFrom('', 'a', 'b', 'ab', 'aab', 'a b', 'ä', '😀', '12', '2026-01-31', 'x@y.org', ' ');
const number = fc.constantFrom(0, 1, 2, 3, -1, 0.5, 1.5, 10);

/** With a prototype, as JSON.parse makes them. */
const dictionary = <T>(keys: fc.Arbitrary<string>, values: fc.Arbitrary<T>) =>
  fc.dictionary(keys, values, { maxKeys: 4, noNullPrototype: true });

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    dictionary(key, tie('value')),
  ),
}));

/** Any JSON value of these words. */
export const anyValue = value;

const some = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) =>
  fc.record(fields, { requiredKeys: [], noNullPrototype: true });

const types = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
const count = fc.constantFrom(0, 1, 2, 3);
const patterns = fc.constantFrom(
  '^a',
  'b$',
  '^a+b*$',
  '^.$',
  '\\s',
  '^\\w+$',
  '[^a]',
  '(a|ab)(c|bcd)?',
  '^\\d{2,}$',
);
const reference = fc.constantFrom({ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }, { $ref: '#named' });

type Part = JsonSchema | boolean;
type Parts = (part: fc.Arbitrary<Part>) => fc.Arbitrary<Part>[];

/** Schemas in schemas, made of these kinds. */
const partOf = (kinds: Parts): fc.Arbitrary<Part> =>
  fc.letrec<{ part: Part }>((tie) => ({
    part: fc.oneof({ depthSize: 'small', withCrossShrink: true }, ...kinds(tie('part'))),
  })).part;

const someOf = (part: fc.Arbitrary<Part>) => fc.array(part, { minLength: 1, maxLength: 3 });

const everywhere: Parts = (part) => [
  some({ type: types, minimum: number, multipleOf: fc.constantFrom(1, 2, 0.5) }),
  some({
    type: fc.uniqueArray(types, { minLength: 1, maxLength: 3 }),
    enum: fc.array(value, { minLength: 1 }),
  }),
  some({ pattern: patterns, minLength: count, maxLength: count }),
  some({ format: fc.constantFrom('date', 'email', 'ipv4', 'nobody-knows'), exclusiveMaximum: number }),
  some({ const: value }),
  fc.boolean(),
  some({
    properties: dictionary(key, part),
    required: fc.uniqueArray(key, { maxLength: 2 }),
    additionalProperties: part,
    patternProperties: dictionary(patterns, part),
  }),
  some({ propertyNames: part, minProperties: count, maxProperties: count }),
  some({
    dependentSchemas: dictionary(key, part),
    dependentRequired: dictionary(key, fc.uniqueArray(key)),
  }),
  some({ prefixItems: someOf(part), items: part, minItems: count, maxItems: count }),
  some({ allOf: someOf(part), anyOf: someOf(part) }),
  some({ oneOf: someOf(part), not: part }),
  // biome-ignore lint/suspicious/noThenProperty: the keyword's name
  some({ if: part, then: part, else: part }),
];

const referring: Parts = (part) => [
  ...everywhere(part),
  reference,
  some({ contains: part, minContains: count, maxContains: count, uniqueItems: fc.boolean() }),
];

/**
 * What is left unevaluated, by schemas one level deep: ajv forgets items that references and `contains` have evaluated, and
 * counts those that a branch of `anyOf` evaluated which does not fit.
 */
const leaving: fc.Arbitrary<JsonSchema> = (() => {
  const leaf = fc.constantFrom<Part>({ type: 'string' }, { minimum: 1 }, true);
  const fields = some({ properties: dictionary(key, leaf), required: fc.uniqueArray(key, { maxLength: 1 }) });
  const items = some({ prefixItems: someOf(leaf), minItems: count });
  return fc.oneof(
    some({ properties: dictionary(key, leaf), allOf: someOf(fields), unevaluatedProperties: leaf }),
    some({ properties: dictionary(key, leaf), anyOf: someOf(fields), unevaluatedProperties: fc.boolean() }),
    some({ prefixItems: someOf(leaf), allOf: someOf(items), unevaluatedItems: leaf }),
  );
})();

const isObjectSchema = (part: Part): part is JsonSchema => typeof part !== 'boolean';

/** References in definitions lead to a part of the value, so that no schema applies itself. */
const definition = fc.oneof(
  fc.constant({ type: 'string' }),
  fc.constant({ properties: { a: { $ref: '#/$defs/b' } } }),
  fc.constantFrom({ type: 'array', items: { $ref: '#named' } }, { items: { $ref: '#' } }),
);

/** Schemas with references and recursion. */
export const referringSchema: fc.Arbitrary<JsonSchema> = fc
  .tuple(partOf(referring).filter(isObjectSchema), definition, definition, definition)
  .map(([root, a, b, c]) => ({ ...root, $defs: { a, b, c: { ...c, $anchor: 'named' } } }));

/** Any schema of draft 2020-12 over these words. */
export const anySchema: fc.Arbitrary<JsonSchema> = fc.oneof(
  { weight: 4, arbitrary: referringSchema },
  { weight: 1, arbitrary: leaving },
);
