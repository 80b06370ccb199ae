import { expect, test } from 'vitest';
import { durationMs } from './duration.js';

test.each([
  ['PT1S', 1_000],
  ['PT10M', 600_000],
  ['PT24H', 86_400_000],
  ['P1DT12H30M', 131_400_000],
  ['P2W', 1_209_600_000],
  ['P366D', 31_622_400_000],
])('%s is %d ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each([
  '',
  'P',
  'PT',
  'P1DT',
  'P1M',
  'P1Y',
  'PT0S',
  'P367D',
  '10m',
  'PT10',
  'T10M',
  'pt10m',
  ' PT1S',
  'PT-1S',
  'PT0.5S',
])('%j is no duration', (text) => {
  expect(durationMs(text)).toBeUndefined();
});
