import fc from 'fast-check';
import { expect, test } from 'vitest';
import { embedded, type JsonSchema, misfitOf } from './index.js';
import { anyValue, referringSchema } from './schema.fixture.js';

const root = '/properties/arguments';
const inside = (schema: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { arguments: embedded(schema, root), confidence: { type: 'number' } },
  required: ['arguments'],
});

/** Every reference of the whole that leads nowhere, followed from its root by pointer alone, as an endpoint does. */
function danglingIn(whole: JsonSchema): string[] {
  const dangling: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('$ref' in node && typeof node.$ref === 'string' && !leads(whole, node.$ref)) dangling.push(node.$ref);
    for (const part of Object.values(node)) visit(part);
  };
  visit(whole);
  return dangling;
}

const leads = (whole: JsonSchema, reference: string): boolean =>
  reference.startsWith('#') &&
  decodeURIComponent(reference)
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, part) => (at as JsonSchema | undefined)?.[part], whole) !== undefined;

test('a value fits inside exactly when it fits by itself, for any schema', () => {
  fc.assert(
    fc.property(referringSchema, fc.array(anyValue, { minLength: 5, maxLength: 5 }), (schema, values) => {
      const whole = inside(schema);
      expect(danglingIn(whole)).toEqual([]);
      for (const value of values) {
        const isFit = misfitOf(schema, value) === undefined;
        expect(misfitOf(whole, { arguments: value }) === undefined).toBe(isFit);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a reference to the root leads to the schema, not to what it was put into', () => {
  const folder = {
    type: 'object',
    properties: { label: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
  };
  expect(embedded(folder, root)).toMatchObject({
    properties: { children: { items: { $ref: '#/properties/arguments' } } },
  });
});

test('a reference by a name is written as the way to it', () => {
  const named = {
    $id: 'https://example.org/order',
    properties: {
      a: { $ref: '#money' },
      b: { $ref: 'item#/properties/price' },
      c: { $ref: '#/$defs/a~1b' },
    },
    $defs: {
      'a/b': { $anchor: 'money', type: 'integer' },
      item: {
        $id: 'item',
        properties: { price: { $ref: '#/$defs/price' } },
        $defs: { price: { type: 'number' } },
      },
    },
  };
  expect(embedded(named, root)).toEqual({
    properties: {
      a: { $ref: '#/properties/arguments/$defs/a~1b' },
      b: { $ref: '#/properties/arguments/$defs/item/properties/price' },
      c: { $ref: '#/properties/arguments/$defs/a~1b' },
    },
    $defs: {
      'a/b': { type: 'integer' },
      item: {
        properties: { price: { $ref: '#/properties/arguments/$defs/item/$defs/price' } },
        $defs: { price: { type: 'number' } },
      },
    },
  });
  expect(danglingIn(inside(named))).toEqual([]);
});

test('what only looks like a reference stays as it is', () => {
  const schema = {
    const: { $ref: '#/x', $id: 'y' },
    'x-note': { $ref: '#/nowhere' },
    default: { $ref: '#' },
  };
  expect(embedded(schema, root)).toEqual(schema);
});
