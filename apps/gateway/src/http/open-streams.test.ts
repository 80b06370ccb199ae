import { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { OpenStreams } from './open-streams.js';

const tooMany = expect.objectContaining({ status: 429, retryAfterS: 5 });
const stream = () => new ServerResponse({ method: 'GET' } as never);

test('one identity cannot keep more streams open than its share, and closing one makes room', () => {
  const streams = new OpenStreams(2, 10);
  const first = stream();
  streams.enter(first, 'ada');
  streams.enter(stream(), 'ada');
  expect(() => streams.enter(stream(), 'ada')).toThrow(tooMany);
  streams.enter(stream(), 'bo');
  first.emit('close');
  streams.enter(stream(), 'ada');
  expect(() => streams.enter(stream(), 'ada')).toThrow(tooMany);
});

test('all identities together are bounded too', () => {
  const streams = new OpenStreams(2, 3);
  for (const whose of ['ada', 'bo', 'cy']) streams.enter(stream(), whose);
  expect(() => streams.enter(stream(), 'di')).toThrow(tooMany);
});

test('a caller who has left before its stream begins keeps no place', () => {
  const streams = new OpenStreams(1, 1);
  streams.enter(stream().destroy(), 'ada');
  streams.enter(stream(), 'ada');
});
