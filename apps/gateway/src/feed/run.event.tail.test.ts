import type { StoredRecord } from '@interlock/broker';
import { beforeEach, expect, test } from 'vitest';
import { RunEventTail } from './run.event.tail.js';

const KB = 1_024;

let readFrom: number[];
let tail: RunEventTail;
beforeEach(() => {
  readFrom = [];
  tail = new RunEventTail({
    async *read(_topic, _partition, from) {
      readFrom.push(from);
      yield [recordAt(from)];
    },
  });
});

const recordAt = (offset: number, bytes = KB): StoredRecord => ({
  offset,
  key: 'run',
  headers: {},
  value: new Uint8Array(bytes),
});

async function offsetsFrom(offset: number): Promise<number[]> {
  const offsets: number[] = [];
  for await (const records of tail.read(0, offset)) offsets.push(...records.map((record) => record.offset));
  return offsets;
}

test('what comes while somebody follows is kept for all who follow', async () => {
  tail.follow();
  tail.take(0, [recordAt(7), recordAt(8)]);
  tail.take(0, [recordAt(9)]);
  expect([await offsetsFrom(7), await offsetsFrom(8), await offsetsFrom(10)]).toEqual([
    [7, 8, 9],
    [8, 9],
    [],
  ]);
  expect(readFrom).toEqual([]);
});

test('while nobody follows nothing is kept, and who comes then is given the log', async () => {
  tail.take(0, [recordAt(7), recordAt(8)]);
  tail.follow();
  expect(await offsetsFrom(8)).toEqual([8]);
  expect(readFrom).toEqual([8]);
  tail.take(0, [recordAt(9)]);
  expect(await offsetsFrom(9)).toEqual([9]);
  expect(readFrom).toEqual([8]);
});

test('the last one who leaves takes what was kept along', async () => {
  const leave = tail.follow();
  const leaveToo = tail.follow();
  tail.take(0, [recordAt(7)]);
  leave();
  expect(await offsetsFrom(7)).toEqual([7]);
  expect(readFrom).toEqual([]);
  leaveToo();
  expect(await offsetsFrom(7)).toEqual([7]);
  expect(readFrom).toEqual([7]);
});

test('the oldest is let go when there is too much, so that a follower far behind is given the log', async () => {
  tail.follow();
  for (let offset = 0; offset < 5; offset++) tail.take(0, [recordAt(offset, 1_000 * KB)]);
  expect(await offsetsFrom(3)).toEqual([3, 4]);
  expect(readFrom).toEqual([]);
  await offsetsFrom(2);
  expect(readFrom).toEqual([2]);
});

test('whoever waits at the end is told of what comes, also before it counts as a follower', async () => {
  const grown = tail.grown([7], new AbortController().signal);
  tail.take(0, [recordAt(7)]);
  expect(await grown).toEqual([0]);
});
