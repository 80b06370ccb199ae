import { describe, expect, test } from 'vitest';
import { checkSchema, type JsonSchema, misfitOf, schemaLimits } from './index.js';

/** Schemas and values that took seconds, gigabytes or for ever with a validator that is not metered. */

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const nested = (levels: number, wrap: (inner: JsonSchema) => JsonSchema): JsonSchema =>
  times(levels, () => 0).reduce<JsonSchema>(wrap, { type: 'string' });
/** Each definition names the next one twice. */
const doubling = (levels: number, wrap: (next: JsonSchema) => JsonSchema): JsonSchema => ({
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    times(levels, (level) => [
      `d${level}`,
      level + 1 === levels ? {} : wrap({ $ref: `#/$defs/d${level + 1}` }),
    ]),
  ),
});

const refused: Readonly<Record<string, [schema: JsonSchema, path: string, message: string]>> = {
  'references that double': [
    doubling(40, (next) => ({ allOf: [next, next] })),
    '$ref',
    'once its references are followed',
  ],
  'fields that double': [
    doubling(40, (next) => ({ properties: { a: next, b: next } })),
    '$ref',
    'once its references are followed',
  ],
  'a schema that applies itself': [
    { anyOf: [{ type: 'string' }, { $ref: '#' }] },
    'anyOf[1].$ref',
    'would never end',
  ],
  'two that apply each other': [
    {
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { allOf: [{ $ref: '#/$defs/a' }] } },
    },
    'properties.a.$ref.not.$ref.allOf[0].$ref',
    'would never end',
  ],
  'a dynamic reference': [
    { $dynamicAnchor: 'node', items: { $dynamicRef: '#node' } },
    '$dynamicAnchor',
    'not supported',
  ],
  'a pattern that looks ahead': [{ pattern: '^(?=a+$)a' }, 'pattern', 'looks ahead or behind'],
  'a pattern that looks back': [
    { patternProperties: { '(a+)\\1': {} } },
    'patternProperties.(a+)\\1',
    'refers back',
  ],
  'a pattern that multiplies itself': [{ pattern: '((a{1,100}){1,100}){1,100}' }, 'pattern', 'repeat count'],
  'a pattern that is large': [
    { pattern: `^(?:${times(60, (i) => `[a-z]{1,60}${i}`).join('|')})$` },
    'pattern',
    'too large',
  ],
  'many large patterns': [
    { allOf: times(40, (i) => ({ pattern: `^.{${900 - i}}$` })) },
    'allOf[',
    'the patterns up to here',
  ],
  'deep nesting': [nested(200, (inner) => ({ items: inner })), '', 'nested more than'],
  'many fields': [
    { properties: Object.fromEntries(times(20_000, (i) => [`f${i}`, {}])) },
    '',
    'more than 10000 subschemas',
  ],
  'a long chain of references': [doubling(5_000, (next) => next), '$ref', 'leads through more than'],
};

describe('refused when it is published, with the place', () => {
  test.each(Object.entries(refused))('%s', (_name, [schema, path, message]) => {
    const problems = inTime(() => checkSchema(schema));
    expect(problems[0]?.path).toContain(path);
    expect(problems[0]?.message).toContain(message);
  });
});

const objects = times(100_000, (i) => ({ i }));
const bounded: Readonly<Record<string, [schema: JsonSchema, value: unknown]>> = {
  'nested quantifiers': [{ pattern: '^(a+)+$' }, `${'a'.repeat(400_000)}!`],
  'alternatives that overlap': [{ pattern: '^(a|a|aa)+$' }, `${'a'.repeat(400_000)}!`],
  'anyOf in anyOf': [nested(45, (inner) => ({ anyOf: [{ type: 'boolean' }, inner] })), 1],
  'oneOf in oneOf': [
    { oneOf: times(100, () => ({ oneOf: times(95, () => ({ type: 'string' })) })) },
    times(10_000, String),
  ],
  'not in not': [nested(95, (inner) => ({ not: inner })), 'x'],
  'allOf of everything': [
    { items: { allOf: times(9_000, () => ({ type: 'number' })) } },
    times(50_000, Number),
  ],
  'a recursion over a list of lists': [
    {
      anyOf: [
        { type: 'null' },
        { type: 'array', items: { $ref: '#' } },
        { type: 'array', items: { $ref: '#' }, minItems: 2 },
      ],
    },
    times(40, () => 0).reduce<unknown>((inner) => [inner], 1),
  ],
  'a huge enum': [
    { items: { enum: times(40_000, (i) => `value-${i}`) } },
    times(40_000, (i) => `other-${i}`),
  ],
  'an enum of objects': [{ items: { enum: times(5_000, (i) => ({ i: { i } })) } }, objects],
  'uniqueItems of 100,000 objects': [{ uniqueItems: true }, objects],
  'uniqueItems of lists of lists': [
    { uniqueItems: true, items: { uniqueItems: true, items: { uniqueItems: true } } },
    times(300, () => times(300, (i) => [i])),
  ],
  'patternProperties over many keys': [
    { patternProperties: Object.fromEntries(times(400, (i) => [`^[a-z]{1,9}${i}$`, {}])) },
    Object.fromEntries(times(30_000, (i) => [`field${i}`, i])),
  ],
  'unevaluatedProperties behind many branches': [
    {
      anyOf: times(500, (i) => ({ properties: { [`f${i}`]: {} }, additionalProperties: {} })),
      unevaluatedProperties: false,
    },
    Object.fromEntries(times(20_000, (i) => [`f${i}`, i])),
  ],
  'propertyNames over long names': [
    { propertyNames: { pattern: '^(.*a){30}$' } },
    Object.fromEntries(times(50, (i) => ['a'.repeat(9_000) + i, 0])),
  ],
  dependentSchemas: [
    {
      dependentSchemas: Object.fromEntries(times(1_000, (i) => [`f${i}`, { required: times(200, String) }])),
    },
    Object.fromEntries(times(5_000, (i) => [`f${i}`, i])),
  ],
  'contains in contains': [
    { contains: { contains: { contains: { const: 1 } } } },
    times(60, () => times(60, () => times(60, () => 0))),
  ],
  'a url that is none': [{ format: 'url' }, `http://${':'.repeat(400_000)}!`],
  'a value nested a thousand levels': [
    { items: { $ref: '#' } },
    times(5_000, () => 0).reduce<unknown>((inner) => [inner], 1),
  ],
  'const of a large object': [
    { items: { const: objects.slice(0, 2_000) } },
    times(2_000, () => objects.slice(0, 20)),
  ],
};

describe('evaluated in bounded time, or refused for what it costs', () => {
  test.each(Object.entries(bounded))('%s', (_name, [schema, value]) => {
    expect(checkSchema(schema)).toEqual([]);
    const before = process.memoryUsage().rss;
    const misfit = inTime(() => misfitOf(schema, value));
    if (misfit?.code === 'schema.too_expensive') {
      expect(misfit.problems).toEqual([
        { path: '', message: `checking it takes more than ${schemaLimits.stepsMax} steps` },
      ]);
    }
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(200);
  });
});

/** Far more than any of them takes, so that a busy machine does not matter, and far less than for ever. */
const TIME_MS_MAX = 5_000;

function inTime<T>(work: () => T): T {
  const startedAt = performance.now();
  const result = work();
  const ms = performance.now() - startedAt;
  expect(ms).toBeLessThan(TIME_MS_MAX);
  return result;
}
