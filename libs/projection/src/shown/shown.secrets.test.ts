import { foreignRedactionOf, personal, RunHead, runLifeEvents } from '@interlock/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shownParts } from './shown.data.js';

/*
 * Payloads of every type of message, made from its schema: whatever a person, a model, a tool or an engine may have written is the
 * secret, wherever it may stand, and every object holds a property that no schema names.
 */
const SECRET = '4111-1111-1111-1111';
type Schema = Readonly<Record<string, unknown>>;

let planted = 0;
function secret<T>(value: T): T {
  planted += 1;
  return value;
}

/** What a classified or open field may hold: text, lists, and bags whose names are data. */
const free = fc.constantFrom<() => unknown>(
  () => secret(SECRET),
  () => secret([SECRET, { [SECRET]: SECRET }]),
  () => secret({ [SECRET]: { email: SECRET, id: 'a' }, email: SECRET, id: 'a' }),
);

const isClassified = ({ classification }: Schema): boolean =>
  typeof classification === 'string' && classification !== 'public';

function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  if (isClassified(schema)) return free.map((make) => make());
  const branches = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (branches !== undefined) return fc.oneof(...branches.map(arbitraryOf));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...(schema.enum as unknown[]));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(arbitraryOf(schema.items as Schema), { maxLength: 2 });
    case 'string':
      return fc.constant('shown');
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constant(1);
  }
}

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<object> {
  const named = Object.entries(properties as Record<string, Schema>);
  const requiredKeys = required as string[];
  return fc
    .record(Object.fromEntries(named.map(([name, one]) => [name, arbitraryOf(one)])), { requiredKeys })
    .chain((made) => free.map((make) => ({ ...made, [SECRET]: make(), unnamed: make() })));
}

const input = foreignRedactionOf({ properties: { id: { type: 'string' }, email: personal } });

test('whatever is written by people, models, tools and engines is in no byte of the audit stream', () => {
  const types = [...runLifeEvents, RunHead];
  let payloads = 0;
  for (const { schema, wire } of runLifeEvents) {
    const made = arbitraryOf(z.toJSONSchema(schema, { io: 'input' }) as Schema);
    fc.assert(
      fc.property(made, (data) => {
        payloads += 1;
        const part = { wire, data, part: 0, meta: { id: 'r/1', epoch: 0, index: 1, time: 0 } };
        const text = shownParts([part], () => input)
          .map(({ value }) => Buffer.from(value).toString())
          .join();
        expect(text.includes('4111')).toBe(false);
        expect(text.includes('unnamed')).toBe(false);
      }),
      { numRuns: 100 },
    );
  }
  console.log(`${types.length} types, ${payloads} payloads, ${planted} secrets planted, none shown`);
  expect(planted).toBeGreaterThan(payloads);
});
