import { expect, test } from 'vitest';
import { compileInputSchema } from './json-schema.js';

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

test('a value that fits has no problems and is not changed', () => {
  const value = Object.freeze({ orderId, lines: [{ sku: 'a' }], mood: 'fine' });
  expect(compileInputSchema(schema)(value)).toEqual([]);
  expect(value).toEqual({ orderId, lines: [{ sku: 'a' }], mood: 'fine' });
});

test('every problem of a value comes at once, each at its path', () => {
  expect(compileInputSchema(schema)({ amount: 0, lines: [{ sku: 'a' }, { sku: 'z' }], extra: 1 })).toEqual([
    { path: 'orderId', message: 'is required' },
    { path: 'extra', message: 'unknown field "extra"' },
    { path: 'amount', message: 'must be >= 1' },
    { path: 'lines[1].sku', message: 'must be one of "a", "b"' },
  ]);
  expect(compileInputSchema(schema)({ orderId: 'x' })).toEqual([
    { path: 'orderId', message: 'must match format "uuid"' },
  ]);
  expect(compileInputSchema(schema)('text')).toEqual([{ path: '', message: 'must be object' }]);
});

test('a huge wrong value is answered with its first problem', () => {
  const lines = Array.from({ length: 50_000 }, () => ({ sku: 'z' }));
  expect(compileInputSchema(schema)({ orderId, lines })).toHaveLength(1);
});

test('references inside a schema are followed, references out of it are refused', () => {
  const inside = {
    $defs: { id: { type: 'string' } },
    type: 'object',
    properties: { id: { $ref: '#/$defs/id' } },
  };
  expect(compileInputSchema(inside)({ id: 1 })).toEqual([{ path: 'id', message: 'must be string' }]);
  const outside = { type: 'object', properties: { id: { $ref: 'https://example.org/id.json' } } };
  expect(() => compileInputSchema(outside)).toThrow('only references inside the schema');
  expect(() => compileInputSchema({ type: 'nonsense' })).toThrow('is not a usable JSON Schema');
  expect(() => compileInputSchema({ $ref: '#/$defs/none' })).toThrow('is not a usable JSON Schema');
});

test('two schemas with the same $id do not know of each other', () => {
  const text = compileInputSchema({ $id: 'urn:x', type: 'string' });
  const number = compileInputSchema({ $id: 'urn:x', type: 'number' });
  expect([text('a'), number(1), number('a').length]).toEqual([[], [], 1]);
});
