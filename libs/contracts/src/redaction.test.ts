import { expect, test } from 'vitest';
import { z } from 'zod';
import { internal, personal, toolInput } from './classification.js';
import { redact } from './redact.js';
import { foreignRedactionOf, leftOut, redactionOf } from './redaction.js';
import { runLifeEvents } from './run.events.js';

const gone = { redacted: 'personal' };
const own = (schema: z.ZodType, value: unknown) =>
  redact(redactionOf(z.toJSONSchema(schema, { io: 'input' })), value);
const foreign = (schema: object | boolean, value: unknown) => redact(foreignRedactionOf(schema), value);

test('a personal field is left out wherever it stands, and the rest is shown', () => {
  const schema = z.object({
    id: z.string(),
    list: z.array(z.object({ at: z.number(), name: z.string().meta(personal) })),
    note: z.string().meta(personal).optional(),
    plan: z.unknown().meta(internal),
  });
  const value = { id: 'a', list: [{ at: 1, name: 'ada' }], plan: { secret: 1 } };
  expect(own(schema, value)).toEqual({ id: 'a', list: [{ at: 1, name: gone }] });
  expect(value.list[0]?.name).toBe('ada');
});

test('what is shown as it is, is the very same value', () => {
  const value = { id: 'a', list: [{ at: 1 }] };
  const schema = z.object({ id: z.string(), list: z.array(z.object({ at: z.number() })) });
  expect(own(schema, value)).toBe(value);
});

test('a field that no schema names is left out, and so is its name', () => {
  const schema = z.object({ id: z.string(), inner: z.object({ a: z.number() }) });
  expect(own(schema, { id: 'a', inner: { a: 1, b: 'ada' }, more: 'ada' })).toEqual({
    id: 'a',
    inner: { a: 1 },
  });
});

test('a field that another schema classifies is left out when nobody knows that schema', () => {
  const schema = z.object({ toolHash: z.string(), arguments: z.unknown().meta(toolInput) });
  const value = { toolHash: 'h', arguments: { a: 1 } };
  expect(own(schema, value)).toEqual({ toolHash: 'h', arguments: gone });
});

test('a schema that classifies nothing has been thought of by nobody', () => {
  const properties = { id: { type: 'string' } };
  expect(foreign({ type: 'object', properties }, { id: 'a' })).toEqual(gone);
  expect(foreign({ classification: 'public', type: 'object', properties }, { id: 'a' })).toEqual({ id: 'a' });
  expect(foreign(true, 'ada')).toEqual(gone);
});

test.each([
  ['a union', { anyOf: [{ properties: { a: {} } }, { properties: { a: personal } }] }],
  ['a composition', { allOf: [{ properties: { a: {} } }, { properties: { a: personal } }] }],
  ['a condition', { properties: { a: {} }, if: {}, else: { properties: { a: personal } } }],
  ['a reference', { $defs: { x: personal }, properties: { a: { $ref: '#/$defs/x' } } }],
  ['a reference that leads nowhere', { properties: { a: { $ref: '#/$defs/x' }, b: personal } }],
  ['a structure that the value has not', { properties: { a: { properties: { b: personal } } } }],
  ['a reference to itself', { properties: { a: { $ref: '#' }, b: personal } }],
])('in %s the strictest schema counts', (_what, schema) => {
  expect(foreign(schema, { a: 'ada' })).toEqual({ a: gone });
});

test('bags and open objects beside a classified field are closed: neither what they hold nor its names are shown', () => {
  const a = { classification: 'public' };
  expect(foreign({ properties: { a }, additionalProperties: true }, { a: 1, b: 2 })).toEqual({ a: 1 });
  const others = { properties: { n: {}, m: personal } };
  expect(
    foreign({ properties: { a }, additionalProperties: others }, { a: 1, 'ada@example.com': { n: 1 } }),
  ).toEqual({
    a: 1,
  });
  for (const open of [
    {},
    { type: 'object' },
    true,
    { type: 'object', additionalProperties: { type: 'string' } },
  ])
    expect(foreign({ properties: { a, open } }, { a: 1, open: { ada: 'ada' } })).toEqual({ a: 1, open: {} });
});

test('a schema of a module cannot make a field vanish or ask for another schema', () => {
  const schema = { properties: { a: internal, b: toolInput, c: { classification: 'secret' } } };
  expect(foreign(schema, { a: 1, b: 2, c: 3 })).toEqual({
    a: { redacted: 'internal' },
    b: { redacted: 'tool-input' },
    c: { redacted: 'secret' },
  });
});

test('a name of the language itself is a name like any other', () => {
  const value = JSON.parse('{"__proto__":{"a":"ada"},"constructor":"ada"}');
  const shown = foreign({ classification: 'public', properties: { id: {} } }, value);
  expect(JSON.stringify(shown)).toBe('{}');
});

/** A schema that lets anything in says nothing about what is let in. */
const anything = (schema: unknown, path = ''): string[] => {
  if (typeof schema !== 'object' || schema === null || 'classification' in schema) return [];
  const { properties, items, anyOf, oneOf, type, additionalProperties } = schema as Record<string, never>;
  const inner = [
    ...Object.entries(properties ?? {}).flatMap(([name, one]) => anything(one, `${path}.${name}`)),
    ...[items, additionalProperties, ...((anyOf ?? []) as []), ...((oneOf ?? []) as [])].flatMap((one) =>
      anything(one, path),
    ),
  ];
  const says = ['const', 'enum', '$ref'].some((key) => key in schema);
  return type === undefined && inner.length === 0 && !says && anyOf === undefined && oneOf === undefined
    ? [path]
    : inner;
};

test.each(runLifeEvents.map((definition) => [definition.wire, definition] as const))(
  '%s classifies every field that may hold anything',
  (_wire, { schema }) => {
    expect(anything(z.toJSONSchema(schema, { io: 'input' }))).toEqual([]);
    expect(redactionOf(z.toJSONSchema(schema, { io: 'input' }))).not.toEqual(leftOut);
  },
);
