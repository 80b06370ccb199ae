import { expect, test } from 'vitest';
import { news, reasonIn, sentencesIn, troubleIn } from '../../scripts/log.lines.mjs';

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
  expect(reasonIn('')).toBe('');
});

test.each([
  ['a full disk', 'The disk is full: no space. Make room and start again.'],
  [
    'an error that nobody caught',
    [
      'main.js:1',
      "throw new Error('planted')",
      '^',
      '',
      'Error: planted',
      '    at main.js:1:7 {',
      "  code: 'X'",
      '}',
      '',
      'Node.js v24.21.0',
    ].join('\n'),
  ],
])('the last words of %s are the reason', (_what, text) => {
  const reason = reasonIn(`${line(40, { msg: 'before' })}\n${text}\n`);
  expect(reason).toMatch(/^: (The disk is full|Error: planted)/);
});

test('nothing that a process says moves the cursor of whoever reads it', () => {
  const hostile = 'a\u001b[2Jb\rc\nd\u202ee';
  const harmless = 'a\u{fffd}[2Jb c d\u{fffd}e';
  const error = line(50, { msg: 'broke', error: hostile, run: hostile });
  expect(troubleIn(error)).toBe(`error: broke: ${harmless} (run ${harmless})`);
  expect(reasonIn(error)).toBe(`: broke: ${harmless}`);
  const oneLine = hostile.replace('\n', ' ');
  for (const said of [troubleIn(oneLine), reasonIn(oneLine).slice(2), ...sentencesIn(oneLine)])
    expect(said).toBe(harmless);
});
