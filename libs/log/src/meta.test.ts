import { expect, test } from 'vitest';
import { packMeta, unpackMeta } from './meta.js';

const meta = {
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

test('metadata comes back as it was packed', () => {
  expect(unpackMeta(packMeta(meta))).toEqual(meta);
});

test.each([
  ['a cursor without positions', { cursor: { in: 5 } }],
  ['a position of words', { cursor: { in: ['a', 'b', 'c'] } }],
  ['releases that are no list', { rel: { in: 5 } }],
  ['a last record before the claim that is none', { after: null }],
])('a header with %s is not ours, and nobody fails over it', (_what, wrong) => {
  expect(unpackMeta(Buffer.from(JSON.stringify({ time: 1, id: 'a', ...wrong })))).toBeUndefined();
});
