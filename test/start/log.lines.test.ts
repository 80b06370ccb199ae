import { expect, test } from 'vitest';
import { news, reasonIn, troubleIn } from '../../scripts/log.lines.mjs';

const line = (level: number, fields: object) => JSON.stringify({ level, service: 'policy', ...fields });

test.each([
  ['a warning', line(40, { msg: 'in doubt', error: 'no answer' }), 'warning: in doubt: no answer'],
  [
    'an error about a run',
    line(50, { msg: 'a decision broke', run: 'run-1', err: { message: 'x' } }),
    'error: a decision broke: x (run run-1)',
  ],
  ['a sentence', 'The disk is full.', 'The disk is full.'],
])('the terminal shows %s', (_what, text, shown) => {
  expect(troubleIn(text)).toBe(shown);
});

test.each([line(30, { msg: 'claimed' }), line(20, { msg: 'Connection timeout' }), ''])(
  'the terminal does not show %s',
  (text) => {
    expect(troubleIn(text)).toBeUndefined();
  },
);

test('the same warning is shown once a minute', () => {
  let now = 0;
  const isNews = news(() => now);
  expect([isNews('a'), isNews('b'), isNews('a')]).toEqual([true, true, false]);
  now = 60_000;
  expect(isNews('a')).toBe(true);
});

test('why a process has ended is its last error', () => {
  const lines = [
    line(50, { msg: 'first' }),
    line(60, { msg: 'last', err: { message: 'why' } }),
    line(30, {}),
  ];
  expect(reasonIn(lines.join('\n'))).toBe(': last: why');
  expect(reasonIn('a sentence')).toBe('');
});
