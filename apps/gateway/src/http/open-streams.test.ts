import { expect, test } from 'vitest';
import { OpenStreams } from './open-streams.js';

const tooMany = expect.objectContaining({ status: 429, retryAfterS: 5 });

test('one identity cannot keep more streams open than its share, and closing one makes room', () => {
  const streams = new OpenStreams(2, 10);
  const leaving: (() => void)[] = [];
  const enter = (subject: string) => streams.enter(subject, (leave) => leaving.push(leave));
  enter('ada');
  enter('ada');
  expect(() => enter('ada')).toThrow(tooMany);
  enter('bo');
  leaving[0]?.();
  enter('ada');
  expect(() => enter('ada')).toThrow(tooMany);
});

test('all identities together are bounded too', () => {
  const streams = new OpenStreams(2, 3);
  const enter = (subject: string) => streams.enter(subject, () => undefined);
  for (const subject of ['ada', 'bo', 'cy']) enter(subject);
  expect(() => enter('di')).toThrow(tooMany);
});
