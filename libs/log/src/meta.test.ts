import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Meta, packMeta, placeId, unpackMeta } from './meta.js';

const home = { topic: 'tool.events', partition: 3 };
const meta: Meta = {
  id: 'r/1',
  run: 'r',
  seq: 1,
  epoch: 7,
  index: 1,
  time: 5,
  cause: 'c',
  ref: 3,
  after: { epoch: 2, index: 9 },
  cursor: { in: { offset: 4, epoch: 3, index: 1 } },
  released: [
    { topic: 'in', offset: 8, part: 0 },
    { topic: 'in', offset: 8, part: 3 },
  ],
};

const stored = (one: Meta, key: string) => JSON.parse(packMeta(one, key, home).toString());

test('metadata comes back as it was packed', () => {
  expect(unpackMeta(packMeta(meta, 'r'), 'r')).toEqual(meta);
});

describe('what a record says elsewhere is left out of its metadata', () => {
  const bare = { epoch: 7, index: 2, time: 5 };

  test('its run, where that is its key, and its id, which run and seq say', () => {
    expect(stored({ ...bare, id: 'r/4', run: 'r', seq: 4 }, 'r')).toEqual({ seq: 4, e: 7, x: 2, time: 5 });
  });

  test('its id, where that is its place in the log', () => {
    const id = 'tool.events/3/7.2';
    expect(stored({ ...bare, id, run: 'r' }, 'r')).toEqual({ e: 7, x: 2, time: 5 });
    const bytes = packMeta({ ...bare, id, run: 'r' }, 'r', home);
    expect(unpackMeta(bytes, 'r', home)?.id).toBe(id);
    expect(unpackMeta(bytes, 'r', { ...home, partition: 4 })?.id).toBe('tool.events/4/7.2');
  });

  test('of a cause in the same run all but its seq', () => {
    const caused = (cause: string) => stored({ ...bare, id: 'r/4', run: 'r', seq: 4, cause }, 'r').cause;
    expect(caused('r/2')).toBe(2);
    for (const other of ['s/2', 'rr/2', 'r/02', 'r/0', 'r/', 'r', 'r/2.1', 'tool.events/0/0.4'])
      expect(caused(other)).toBe(other);
  });

  test('of a position what its kind of topic says', () => {
    const cursor = {
      plain: { offset: 9, epoch: -1, index: 0 },
      fenced: { offset: 9, epoch: 4, index: 4 },
      behindIgnored: { offset: 9, epoch: 4, index: 2 },
    };
    expect(stored({ ...bare, id: 'r/4', run: 'r', seq: 4, cursor }, 'r').cursor).toEqual({
      plain: 9,
      fenced: [9, 4],
      behindIgnored: [9, 4, 2],
    });
  });

  test('a record of no run says that, for else it would be of the run that its key names', () => {
    expect(stored({ ...bare, id: 'tool.events/3/7.2' }, 'host')).toEqual({ run: null, e: 7, x: 2, time: 5 });
  });

  test('a record of another run than its key says which one', () => {
    expect(stored({ ...bare, id: 'child/1', run: 'child', seq: 1 }, 'root').run).toBe('child');
  });
});

test('whatever metadata are packed, they come back', () => {
  const count = fc.nat(2 ** 40);
  const name = fc.constantFrom('r', 'r/1', 's', 'host', '', 'ä/7');
  const id = fc.oneof(
    fc.tuple(name, fc.nat(20)).map(([run, seq]) => `${run}/${seq}`),
    fc.tuple(fc.integer({ min: -1, max: 9 }), fc.nat(3)).map((place) => placeId(home, ...place)),
    fc.string({ maxLength: 50 }),
  );
  const position = fc.record({
    offset: fc.nat(20),
    epoch: fc.integer({ min: -1, max: 20 }),
    index: fc.nat(20),
  });
  const topic = fc.constantFrom('a', 'b.c', 'in');
  const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const any = fc.record({
    id,
    run: optional(name),
    seq: optional(fc.nat(20)),
    epoch: fc.integer({ min: -1, max: 20 }),
    index: fc.nat(20),
    time: count,
    cause: optional(id),
    ref: optional(count),
    after: optional(fc.record({ epoch: fc.integer({ min: -1, max: 20 }), index: fc.nat(20) })),
    cursor: optional(fc.dictionary(topic, position)),
    released: optional(
      fc
        .array(fc.record({ topic: fc.constant('in'), offset: count, part: fc.nat(3) }), { minLength: 1 })
        .map((list) => list as NonNullable<Meta['released']>),
    ),
    tenant: optional(fc.string()),
    traceparent: optional(fc.string({ maxLength: 55 })),
  });
  fc.assert(
    fc.property(any, name, fc.constantFrom(undefined, home), (one, key, place) => {
      expect(unpackMeta(packMeta(one, key, place), key, place)).toEqual(one);
    }),
  );
});

test.each([
  ['a cursor without positions', { cursor: { in: [5] } }],
  ['a position of words', { cursor: { in: ['a', 'b', 'c'] } }],
  ['a position of four numbers', { cursor: { in: [1, 2, 3, 4] } }],
  ['releases that are no list', { rel: { in: 5 } }],
  ['a last record before the claim that is none', { after: null }],
  ['a run that is a number', { run: 5 }],
  ['a tenant that is a number', { tenant: 5 }],
  ['a trace that is a number', { tp: 5 }],
  ['a trace that is an object', { tp: { length: 10 } }],
  ['a trace of more than its 55 characters', { tp: 'a'.repeat(56) }],
  ['an event of no run as its cause', { run: null, cause: 5 }],
])('a header with %s is not ours, and nobody fails over it', (_what, wrong) => {
  expect(unpackMeta(Buffer.from(JSON.stringify({ time: 1, id: 'a', ...wrong })), 'k')).toBeUndefined();
});
