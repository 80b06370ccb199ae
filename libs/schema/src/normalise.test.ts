import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type JsonSchema, misfitOf, normalised } from './index.js';
import { anySchema, anyValue } from './schema.fixture.js';

const schemaOf = (type: z.ZodType): JsonSchema => z.toJSONSchema(type, { io: 'input' });
const of = (type: z.ZodType, value: unknown) => {
  const result = normalised(schemaOf(type), value);
  return 'value' in result ? result.value : result.misfit.problems;
};

describe('fields that nobody declares', () => {
  const certificate = z.object({
    holder: z.string(),
    lines: z.array(z.object({ sku: z.string() })).optional(),
  });

  test('are refused, also where the schema is open', () => {
    expect(of(certificate, { holder: 'ada', note: 'x' })).toEqual([
      { path: 'note', message: 'unknown field "note"' },
    ]);
    expect(of(certificate, { holder: 'ada', lines: [{ sku: 'a' }, { sku: 'b', b: 1, c: 2 }] })).toEqual([
      { path: 'lines[1].b', message: 'unknown field "b"' },
      { path: 'lines[1].c', message: 'unknown field "c"' },
    ]);
    const open = normalised(
      { type: 'object', properties: { a: {} }, additionalProperties: true },
      { a: 1, b: 2 },
    );
    expect(open).toMatchObject({ misfit: { problems: [{ path: 'b' }] } });
  });

  test('are none where the schema takes others by a schema or a pattern', () => {
    const record = z.record(z.string(), z.unknown());
    expect(of(record, { a: { b: 1 } })).toEqual({ a: { b: 1 } });
    expect(of(z.looseObject({ a: z.string() }), { a: 'x', b: 1 })).toEqual({ a: 'x', b: 1 });
    expect(
      normalised({ type: 'object', patternProperties: { '^x-': true, '^y-': {} } }, { 'y-a': 1 }),
    ).toEqual({
      value: { 'y-a': 1 },
    });
  });

  test('are none in free JSON', () => {
    expect(
      of(z.object({ document: z.json(), any: z.unknown() }), { document: { a: [{ b: 1 }] }, any: { c: 2 } }),
    ).toEqual({
      document: { a: [{ b: 1 }] },
      any: { c: 2 },
    });
  });

  test('of a union are those that its first fitting member does not have', () => {
    const cat = z.object({ kind: z.literal('cat'), lives: z.number() });
    const dog = z.object({ kind: z.literal('dog'), name: z.string() });
    const pet = z.object({ pet: z.discriminatedUnion('kind', [cat, dog]) });
    expect(of(pet, { pet: { kind: 'dog', name: 'x' } })).toEqual({ pet: { kind: 'dog', name: 'x' } });
    expect(of(pet, { pet: { kind: 'dog', name: 'x', lives: 9 } })).toMatchObject([{ path: 'pet.lives' }]);
    const either = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);
    expect(of(either, { b: 'x' })).toEqual({ b: 'x' });
    expect(of(either, { a: 'x', b: 'x' })).toMatchObject([{ path: 'b' }]);
  });

  test('are told apart where one object stands in two places', () => {
    const shared = { a: 1, b: 2 };
    const twice = z.object({ x: z.object({ a: z.number() }), y: z.object({ a: z.number(), b: z.number() }) });
    expect(of(twice, { x: shared, y: shared })).toMatchObject([{ path: 'x.b' }]);
  });
});

describe('defaults', () => {
  test('are filled in wherever a field is absent, in copies', () => {
    const list = ['x'];
    const form = z.object({
      unit: z.string().default('cm'),
      size: z.object({ width: z.number().default(1) }).prefault({}),
      tags: z.array(z.string()).default(list),
      rows: z.array(z.object({ n: z.number().default(0) })),
      null: z.number().nullable().default(null),
    });
    const input = Object.freeze({ rows: Object.freeze([Object.freeze({})]) });
    const whole = { rows: [{ n: 0 }], unit: 'cm', size: { width: 1 }, tags: ['x'], null: null };
    expect(of(form, input)).toEqual(whole);
    expect(of(form, whole)).toEqual(whole);
    expect(form.parse(whole)).toEqual(whole);
  });

  test('stay out of unions', () => {
    const either = z.object({ x: z.union([z.object({ a: z.number().default(1) }), z.string()]) });
    expect(of(either, { x: {} })).toEqual({ x: {} });
  });

  test('follow references, and one that fills itself for ever costs too much', () => {
    const size = { type: 'object', properties: { width: { default: 1 } } };
    const schema = { properties: { size: { $ref: '#/$defs/size', default: {} } }, $defs: { size } };
    expect(normalised(schema, {})).toEqual({ value: { size: { width: 1 } } });
    const endless = { type: 'object', properties: { inner: { $ref: '#', default: {} } } };
    expect(normalised(endless, {})).toMatchObject({ misfit: { code: 'schema.too_expensive' } });
  });
});

test('nothing is coerced', () => {
  expect(of(z.object({ n: z.number() }), { n: '1' })).toEqual([{ path: 'n', message: 'must be number' }]);
});

test('for any schema and value: what has a form fits, and its form is its own form', () => {
  let formed = 0;
  fc.assert(
    fc.property(anySchema, fc.array(anyValue, { minLength: 5, maxLength: 5 }), (schema, values) => {
      for (const value of values) {
        const result = normalised(schema, value);
        if ('misfit' in result) continue;
        formed += 1;
        expect(misfitOf(schema, result.value)).toBeUndefined();
        expect(normalised(schema, result.value)).toEqual(result);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(formed).toBeGreaterThan(500);
});
