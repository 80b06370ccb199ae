import { BrokenMessageError } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { metaOfPart, partsOf, recordValue } from './part.js';

const numbered = { id: 'r/4', run: 'r', seq: 4, epoch: 7, index: 2, time: 5, cause: 'c' };
const storedOf = (...data: unknown[]) => recordValue(data.map((one) => ({ wire: 'a/1', data: one })));
const unnumbered = { id: 'tool.events/0/7.2', run: 'r', epoch: 7, index: 2, time: 5 };

test('a record of one part has its data as the value, one of several a list of them', () => {
  expect(storedOf({ a: 1 }).toString()).toBe('{"a":1}');
  expect(storedOf({ a: 1 }, [2], null).toString()).toBe('[{"a":1},[2],null]');
  expect(storedOf(undefined).toString()).toBe('null');
});

test('parts come back in their order, each with its data, an id and a seq of its own', () => {
  const wires = ['a/1', 'b/2', 'a/1'];
  const parts = partsOf({ wires, meta: numbered }, storedOf({ n: 1 }, { n: 2 }, [3]));
  expect(parts.map(({ wire, part, data }) => ({ wire, part, data }))).toEqual([
    { wire: 'a/1', part: 0, data: { n: 1 } },
    { wire: 'b/2', part: 1, data: { n: 2 } },
    { wire: 'a/1', part: 2, data: [3] },
  ]);
  expect(parts.map(({ meta: { id, seq } }) => [id, seq])).toEqual([
    ['r/4', 4],
    ['r/5', 5],
    ['r/6', 6],
  ]);
  expect(parts.every(({ meta: { cause, time } }) => cause === 'c' && time === 5)).toBe(true);
});

test('ids of the run’s own parts are stored as their seq, and read as what they are', () => {
  const parts = [
    { wire: 'call.revoked/1', data: { requestId: 'r/3', step: 's', because: 'timeout' } },
    { wire: 'call.revoked/1', data: { requestId: 'other/3', step: 's', because: 'timeout' } },
  ];
  const value = recordValue(parts, 'r');
  expect(JSON.parse(value.toString()).map((data: { requestId: unknown }) => data.requestId)).toEqual([
    3,
    'other/3',
  ]);
  const wires = parts.map(({ wire }) => wire);
  expect(partsOf({ wires, meta: numbered }, value)).toMatchObject(parts);
});

test('a list is the data of a single part, and no list of parts', () => {
  expect(partsOf({ wires: ['a/1'], meta: numbered }, storedOf([1, 2]))).toMatchObject([{ data: [1, 2] }]);
});

test('in a log that does not number, parts behind the first have the id of the record and their place', () => {
  expect([0, 1, 12].map((part) => metaOfPart(unnumbered, part).id)).toEqual([
    'tool.events/0/7.2',
    'tool.events/0/7.2.1',
    'tool.events/0/7.2.12',
  ]);
});

test.each([
  ['no JSON', ['a/1'], '{'],
  ['no list, where there are several', ['a/1', 'b/1'], '{}'],
  ['too few elements', ['a/1', 'b/1'], '[{}]'],
  ['too many elements', ['a/1', 'b/1'], '[{},{},{}]'],
  ['no UTF-8', ['a/1'], Buffer.from([0xff])],
])('a value that is %s is broken', (_what, wires, value) => {
  expect(() => partsOf({ wires, meta: numbered }, Buffer.from(value))).toThrow(BrokenMessageError);
});

describe('a record is parsed once for all readers of a process that hold the same bytes', () => {
  const of = { wires: ['a/1'], meta: { id: 'x', epoch: 0, index: 1, time: 0 } };
  const value = storedOf({ n: 1 });
  const [first] = partsOf(of, value);

  test('and nobody changes it', () => {
    const [again] = partsOf({ ...of, meta: { ...of.meta, id: 'y' } }, value);
    expect(again?.data).toBe(first?.data);
    expect(again?.meta.id).toBe('y');
    expect(Object.isFrozen(first?.data)).toBe(true);
  });

  test.each([
    ['other bytes', of, storedOf({ n: 1 })],
    ['another type', { ...of, wires: ['b/1'] }, value],
    ['another run', { ...of, meta: { ...of.meta, run: 'r2' } }, value],
  ])('but not what has %s', (_name, other, bytes) => {
    expect(partsOf(other, bytes)[0]?.data).not.toBe(first?.data);
  });
});
