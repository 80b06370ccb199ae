import { expect, test } from 'vitest';
import { PAGE_BYTES_MAX, READ_BYTES_MAX, rowsOfPage, withinPage } from './page.bytes.js';

const sizeOf = (size: number): number => size;
const third = PAGE_BYTES_MAX / 3;

test('a page holds what fits it, and at least one item, however large', () => {
  expect(withinPage([third, third, third, third], sizeOf)).toHaveLength(3);
  expect(withinPage([PAGE_BYTES_MAX * 5, 1], sizeOf)).toEqual([PAGE_BYTES_MAX * 5]);
  expect(withinPage([], sizeOf)).toEqual([]);
});

test('of rows without end only so many are read that a page is full and it is seen that there are more', () => {
  function* rows() {
    for (;;) yield third;
  }
  const read = rowsOfPage(rows(), sizeOf);
  expect(read.length * third).toBeLessThan(READ_BYTES_MAX + 2 * third);
  expect(withinPage(read, sizeOf).length).toBeLessThan(read.length);
});
