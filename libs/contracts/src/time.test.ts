import { expect, test } from 'vitest';
import { instant, instantText } from './time.js';

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [8_640_000_000_000_000, '+275760-09-13T00:00:00.000Z'],
  [8_640_000_000_000_001, '+275760-09-13T00:00:00.000Z'],
  [-5, '1970-01-01T00:00:00.000Z'],
])('an instant of %d ms is shown as one that a date can say', (ms, text) => {
  expect(instantText(ms)).toBe(text);
});

test.each([-1, 0.5, 8_640_000_000_000_001, Number.NaN, '5'])(
  '%j is no instant that a message may say',
  (value) => {
    expect(instant.safeParse(value).success).toBe(false);
  },
);
