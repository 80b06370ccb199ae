import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from './heap.js';

test('whatever is put in comes out in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<{ readonly at: number }>((a, b) => a.at < b.at);
      for (const at of numbers) heap.push({ at });
      const taken = numbers.map(() => heap.pop()?.at);
      expect(taken).toEqual([...numbers].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('what is put in while it is emptied finds its place', () => {
  const heap = new Heap<{ readonly at: number }>((a, b) => a.at < b.at);
  for (const at of [5, 3, 9]) heap.push({ at });
  expect(heap.pop()).toEqual({ at: 3 });
  heap.push({ at: 4 });
  expect([heap.first(), heap.size]).toEqual([{ at: 4 }, 3]);
  heap.clear();
  expect([heap.first(), heap.size]).toEqual([undefined, 0]);
});
