import { expect, test } from 'vitest';
import { parseInstant } from './instant.js';

test.each([
  ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
  ['2028-02-29T23:59Z', '2028-02-29T23:59:00.000Z'],
  ['2027-12-31T23:30:00.5-01:00', '2028-01-01T00:30:00.500Z'],
])('%s is an instant', (text, instant) => {
  expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(instant);
});

test.each([
  '2027-04-31T10:00:00Z',
  '2027-02-29T10:00:00Z',
  '2100-02-29T10:00:00Z',
  '2027-02-30',
  '2027-01-01T24:00:00Z',
  '2027-13-01T10:00:00Z',
  '5',
  '1',
  'x 7',
  '01/12/2027',
  'Jan 2027',
  '2027-01-01 12:00',
  '2027-01-01T12:00:00',
  'tomorrow',
  '',
])('%j is none', (text) => {
  expect(parseInstant(text)).toBeUndefined();
});
