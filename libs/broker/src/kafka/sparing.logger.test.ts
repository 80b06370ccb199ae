import { expect, test } from 'vitest';
import { sparing } from './sparing.logger.js';

test('of equal messages one in ten seconds is told, with how many were not', () => {
  let now = 0;
  const told: unknown[] = [];
  const logger = sparing(
    (message, fields) => told.push([message, fields]),
    () => now,
  );
  for (now = 0; now < 10_000; now += 1_000) logger('refused', { port: 1 });
  logger('lost', {});
  expect(told).toEqual([
    ['refused', { port: 1 }],
    ['lost', {}],
  ]);
  now = 10_000;
  logger('refused', { port: 1 });
  expect(told.at(-1)).toEqual(['refused', { port: 1, repeats: 9 }]);
});

test('a client that always says something new does not fill the memory, and is heard', () => {
  let count = 0;
  const logger = sparing(
    () => {
      count += 1;
    },
    () => 0,
  );
  for (let place = 0; place < 1_000; place++) logger(`message ${place}`, {});
  expect(count).toBe(1_000);
});
