import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { idPlacesOf, withIds, withSeqs } from './id.places.js';
import { approvalId, partId, storedSchemaOf } from './part.id.js';
import { allDefinitions } from './topic.catalogues.js';

const schema = z.object({
  requestId: partId.describe('What it answers'),
  needs: z.array(partId).default([]),
  approvalId: approvalId.optional(),
  count: z.number(),
  name: z.string(),
  subject: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('call'), requestId: partId }),
    z.object({ kind: z.literal('question'), asked: z.array(z.object({ by: partId.nullable() })) }),
  ]),
});
const places = idPlacesOf(schema);
const seqs = (data: unknown) => places && withSeqs(places, data, 'r');
const ids = (data: unknown) => places && withIds(places, data, 'r');

describe('data of a record of run r', () => {
  test('hold its own ids as seqs, in lists, unions and fields that may be absent', () => {
    const data = {
      requestId: 'r/3',
      needs: ['r/3', 'r/12'],
      approvalId: 'r.7',
      count: 3,
      name: 'r/3',
      subject: { kind: 'question', asked: [{ by: 'r/1' }, { by: null }] },
    };
    const stored = {
      requestId: 3,
      needs: [3, 12],
      approvalId: 7,
      count: 3,
      name: 'r/3',
      subject: { kind: 'question', asked: [{ by: 1 }, { by: null }] },
    };
    expect(seqs(data)).toEqual(stored);
    expect(ids(stored)).toEqual(data);
    expect(data.requestId).toBe('r/3');
  });

  test.each([
    'other/3',
    'rr/3',
    'r/03',
    'r/0',
    'r/-1',
    'r/1.5',
    'r/',
    'r',
    'r/3/4',
    'r.3',
    'policy.events/0/3.4',
    '',
  ])('hold the id %j as it is', (id) => {
    expect(seqs({ requestId: id, needs: [id] })).toEqual({ requestId: id, needs: [id] });
  });

  test.each([0, -1, 1.5, 2 ** 60, true, null, {}, [1]])(
    'have no id in %j: whoever validates them refuses it',
    (value) => {
      expect(ids({ requestId: value })).toEqual({ requestId: value });
      expect(schema.shape.requestId.safeParse(value).success).toBe(false);
    },
  );

  test('that hold no id of the run are the very same', () => {
    const data = { requestId: 'other/3', needs: undefined, count: 3 };
    expect(seqs(data)).toBe(data);
    expect(seqs(null)).toBe(null);
    expect(seqs('r/3')).toBe('r/3');
  });
});

test('whatever ids data hold, they come back as they were', () => {
  const run = fc.constantFrom('r', 'r/1', 'a', 'r.1', '');
  const id = fc.oneof(
    fc.tuple(run, fc.constantFrom('/', '.'), fc.nat(30)).map((parts) => parts.join('')),
    fc.string({ minLength: 1 }),
  );
  const data = fc.record(
    {
      requestId: id,
      needs: fc.array(id),
      approvalId: id,
      count: fc.nat(),
      subject: fc.oneof(
        fc.record({ kind: fc.constant('call'), requestId: id }),
        fc.record({ kind: fc.constant('question'), asked: fc.array(fc.record({ by: fc.option(id) })) }),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(data, run, (one, own) => {
      if (places === undefined) throw new Error('the schema has ids');
      expect(withIds(places, JSON.parse(JSON.stringify(withSeqs(places, one, own))), own)).toEqual(one);
    }),
  );
});

test('a field that is an id in one case and a number in another is refused where it is defined', () => {
  const other = z.union([z.object({ a: partId }), z.object({ a: z.number() })]);
  expect(() => idPlacesOf(other)).toThrow('cannot be told');
  expect(() => idPlacesOf(z.union([partId, approvalId]))).toThrow('cannot be told');
});

test('of every message we know where its ids lie', () => {
  const withOnes = allDefinitions().filter((definition) => idPlacesOf(definition.schema) !== undefined);
  expect(withOnes.map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      'call.requested',
      'call.recorded',
      'policy.decided',
      'tool.succeeded',
      'plan.proposed',
    ]),
  );
});

test('the schema of stored data says that an id may be a number, and of what', () => {
  const { properties } = storedSchemaOf(schema);
  expect(properties).toMatchObject({
    requestId: {
      type: ['integer', 'string'],
      description: expect.stringMatching(/^What it answers\. A number is/),
    },
    needs: { items: { type: ['integer', 'string'] } },
    approvalId: { type: ['integer', 'string'], description: expect.stringContaining('`run.seq`') },
    name: { type: 'string' },
  });
});
