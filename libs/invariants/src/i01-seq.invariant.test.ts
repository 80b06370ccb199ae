import { expect, test } from 'vitest';
import { gaplessSeq } from './i01-seq.invariant.js';
import type { Reading } from './reading.js';

const problems = (...seqs: readonly number[]): string[] => {
  const events = seqs.map((seq, offset) => ({ type: 'call.requested', offset, meta: { seq } }));
  return gaplessSeq({ runs: new Map([['run', events]]) } as unknown as Reading).map(({ message }) => message);
};

test('healthy: numbers from 1 on', () => {
  expect(problems(1, 2, 3)).toEqual([]);
});

test.each([
  ['a gap', [1, 3], 'seq 3, not 2'],
  ['a number that is given twice', [1, 2, 2], 'seq 2, not 3'],
  ['a start behind the first', [2], 'seq 2, not 1'],
])('found: %s', (_, seqs, message) => {
  expect(problems(...seqs)).toEqual([expect.stringContaining(message)]);
});
