import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema, type JsonSchema, misfitOf, SchemaError } from './index.js';
import { anySchema, anyValue } from './schema.fixture.js';

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    orderId: { type: 'string', format: 'uuid' },
    amount: { type: 'number', minimum: 1, default: 5 },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { enum: ['a', 'b'] } } } },
    mood: { type: 'string', format: 'a-format-nobody-knows' },
  },
  required: ['orderId'],
  additionalProperties: false,
};
const orderId = '3f1c2b9e-7f0a-4c59-9a35-0e8f6a1b2c3d';
const problemsOf = (of: JsonSchema, value: unknown) => misfitOf(of, value)?.problems ?? [];

test('a value that fits has no problems and is not changed', () => {
  const value = Object.freeze({ orderId, lines: [{ sku: 'a' }], mood: 'fine' });
  expect(misfitOf(schema, value)).toBeUndefined();
  expect(value).toEqual({ orderId, lines: [{ sku: 'a' }], mood: 'fine' });
});

test('every problem of a value comes at once, each at its path', () => {
  expect(misfitOf(schema, { amount: 0, lines: [{ sku: 'a' }, { sku: 'z' }], extra: 1 })).toEqual({
    code: 'schema.mismatch',
    problems: [
      { path: 'orderId', message: 'is required' },
      { path: 'amount', message: 'must be >= 1' },
      { path: 'lines[1].sku', message: 'must be one of "a", "b"' },
      { path: 'extra', message: 'unknown field "extra"' },
    ],
  });
  expect(problemsOf(schema, { orderId: 'x' })).toEqual([
    { path: 'orderId', message: 'must match format "uuid"' },
  ]);
  expect(problemsOf(schema, 'text')).toEqual([{ path: '', message: 'must be object' }]);
});

test('a huge wrong value is answered with its first problems', () => {
  const lines = Array.from({ length: 20_000 }, () => ({ sku: 'z' }));
  expect(problemsOf(schema, { orderId, lines })).toHaveLength(50);
});

test('references inside a schema are followed, references out of it are refused', () => {
  const inside = {
    $defs: { id: { $anchor: 'id', type: 'string' } },
    type: 'object',
    properties: { id: { $ref: '#/$defs/id' }, other: { $ref: '#id' }, more: { $ref: '#' } },
  };
  expect(problemsOf(inside, { id: 1, other: 1, more: { id: 1 } }).map(({ path }) => path)).toEqual([
    'id',
    'other',
    'more.id',
  ]);
  const outside = { type: 'object', properties: { id: { $ref: 'https://example.org/id.json' } } };
  expect(checkSchema(outside)).toMatchObject([
    { path: 'properties.id.$ref', message: expect.stringContaining('only references inside the schema') },
  ]);
  expect(() => misfitOf({ type: 'nonsense' }, 1)).toThrow(SchemaError);
  expect(checkSchema({ $ref: '#/$defs/none' })).toMatchObject([
    { path: '$ref', message: 'refers to "#/$defs/none", and there is no schema' },
  ]);
});

test('two schemas with the same $id do not know of each other', () => {
  const text = { $id: 'urn:x', type: 'string' };
  const number = { $id: 'urn:x', type: 'number' };
  expect([problemsOf(text, 'a'), problemsOf(number, 1), problemsOf(number, 'a').length]).toEqual([[], [], 1]);
});

/** Undefined where the code that ajv wrote for the schema names a variable that it has not declared. */
function verdictOf(validate: (value: unknown) => unknown, value: unknown): boolean | undefined {
  try {
    return validate(value) === true;
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

test('the verdict is that of ajv, for any schema and any value', () => {
  const plain = formats.default(new Ajv2020({ strict: false, allowUnionTypes: true, logger: false }));
  let fitting = 0;
  fc.assert(
    fc.property(anySchema, fc.array(anyValue, { minLength: 5, maxLength: 5 }), (any, values) => {
      expect(checkSchema(any)).toEqual([]);
      const validate = plain.compile(any);
      for (const value of values) {
        const isFit = verdictOf(validate, value);
        if (isFit === undefined) continue;
        expect(misfitOf(any, value) === undefined).toBe(isFit);
        if (isFit) fitting += 1;
      }
      plain.removeSchema(any);
    }),
    { numRuns: 500 },
  );
  expect(fitting).toBeGreaterThan(200);
});

const texts: Readonly<Record<string, z.ZodType>> = {
  email: z.email(),
  uuid: z.uuid(),
  url: z.url(),
  hostname: z.hostname(),
  emoji: z.emoji(),
  base64: z.base64(),
  base64url: z.base64url(),
  nanoid: z.nanoid(),
  ulid: z.ulid(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidrv4: z.cidrv4(),
  cidrv6: z.cidrv6(),
  e164: z.e164(),
  date: z.iso.date(),
  time: z.iso.time(),
  datetime: z.iso.datetime({ offset: true, local: true }),
  duration: z.iso.duration(),
  jwt: z.jwt(),
  hash: z.hash('sha256'),
  template: z.templateLiteral(['a', z.number()]),
};

test.each(Object.entries(texts))('%s of zod can be published', (_name, type) => {
  expect(checkSchema(z.toJSONSchema(type, { io: 'input' }))).toEqual([]);
});
