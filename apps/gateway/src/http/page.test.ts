import { expect, test } from 'vitest';
import { pageJson } from './page.js';

const paged = { placeOf: (name: string) => name, shown: (name: string) => ({ name }) };
const pageOf = (names: readonly string[], limit: number, cursor?: string) =>
  JSON.parse(pageJson(names, paged, { limit, cursor }));

test('pages follow one another to the last item, also when items come and go in between', () => {
  expect(pageOf(['a', 'b', 'c'], 2)).toEqual({ items: [{ name: 'a' }, { name: 'b' }], next: 'b' });
  expect(pageOf(['a', 'c', 'd'], 2, 'b')).toEqual({ items: [{ name: 'c' }, { name: 'd' }] });
  expect(pageOf([], 2)).toEqual({ items: [] });
});

test('a page that would grow too large ends before, and an item that is too large alone is a page', () => {
  const large = ['a', 'b', 'c'].map((letter) => letter.repeat(5 * 1024 * 1024));
  const pages = [];
  for (let cursor: string | undefined, isLast = false; !isLast; isLast = cursor === undefined) {
    const { items, next } = pageOf(large, 10, cursor);
    pages.push(items.length);
    cursor = next;
  }
  expect(pages).toEqual([1, 1, 1]);
});
