import { expect, test } from 'vitest';
import { parseDelay, parseDuration } from './duration.js';

test.each([
  ['PT10M', 600_000],
  ['PT4H', 14_400_000],
  ['P1D', 86_400_000],
  ['P1DT12H30M', 131_400_000],
  ['PT0.5S', 500],
  ['P2W', 1_209_600_000],
  ['250ms', 250],
  ['10s', 10_000],
  ['1.5h', 5_400_000],
  ['366d', 31_622_400_000],
  ['P366D', 31_622_400_000],
  ['P1W2D', 777_600_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  'P',
  'PT',
  'P1M',
  'P1Y',
  '10',
  '10 s',
  '-5s',
  '0s',
  'PT0S',
  '367d',
  'P367D',
  'P1DT',
  'PT-1S',
  ' PT1S',
  '5 minutes',
  '1e9s',
  'PT10',
  'T10M',
  'pt10m',
  `${'9'.repeat(12)}s`,
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each(['0s', '0ms', 'PT0S'])('%s is no wait where there may be none, and no length of time', (text) => {
  expect(parseDelay(text)).toBe(0);
  expect(parseDuration(text)).toBeUndefined();
});

test('a wait that may be none is otherwise a duration', () => {
  expect([parseDelay('5s'), parseDelay('-5s'), parseDelay('0'), parseDelay('')]).toEqual([
    5_000,
    undefined,
    undefined,
    undefined,
  ]);
});
