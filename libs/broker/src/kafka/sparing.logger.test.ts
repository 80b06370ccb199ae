import { expect, test } from 'vitest';
import { sparing } from './sparing.logger.js';

test('of equal messages one in ten seconds is told, with how many were not', () => {
  let now = 0;
  const lines: unknown[] = [];
  const logger = sparing(
    (level, message, fields) => lines.push([level, message, fields]),
    () => now,
  );
  for (now = 0; now < 10_000; now += 1_000) logger('info', 'refused', { port: 1 });
  logger('info', 'lost', {});
  expect(lines).toEqual([
    ['info', 'refused', { port: 1 }],
    ['info', 'lost', {}],
  ]);
  now = 10_000;
  logger('info', 'refused', { port: 1 });
  expect(lines.at(-1)).toEqual(['info', 'refused', { port: 1, repeats: 9 }]);
});

test('a client that always says something new does not fill the memory, and is heard', () => {
  let count = 0;
  const logger = sparing(
    () => {
      count += 1;
    },
    () => 0,
  );
  for (let place = 0; place < 1_000; place++) logger('debug', `message ${place}`, {});
  expect(count).toBe(1_000);
});
