import { plain } from '@interlock/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Output, spare, whole } from './output.js';
import { layOut } from './table.layout.js';
import { wrapped } from './text.js';
import { distanceText, spanText } from './time.text.js';

const columns = [whole('run'), 'workflow', whole('status'), 'started', ''];
const rows = [
  ['0190e2a4-7c1f-8d2e', 'refund-request@2', 'waiting', '4 min ago', 'refund: single approval by lead'],
  [
    '0190e2a4-9b00-8aaa',
    'refund-request@2',
    'completed',
    '5 min ago',
    '{"outcome":"refunded","why":"medium"}',
  ],
];

function table(look: { columns?: number; colour: boolean }): string {
  let text = '';
  const output = new Output(
    false,
    (part) => {
      text += part;
    },
    look,
  );
  output.table(columns, rows);
  return text;
}

test('nothing is cut where nobody looks', () => {
  expect(table({ colour: false })).toMatchInlineSnapshot(`
    "run                 workflow          status     started
    0190e2a4-7c1f-8d2e  refund-request@2  waiting    4 min ago  refund: single approval by lead
    0190e2a4-9b00-8aaa  refund-request@2  completed  5 min ago  {"outcome":"refunded","why":"medium"}
    "
  `);
});

test('on a wide terminal the last column is cut', () => {
  expect(table({ columns: 90, colour: false })).toMatchInlineSnapshot(`
    "run                 workflow          status     started
    0190e2a4-7c1f-8d2e  refund-request@2  waiting    4 min ago  refund: single approval by le…
    0190e2a4-9b00-8aaa  refund-request@2  completed  5 min ago  {"outcome":"refunded","why":"…
    "
  `);
});

test('on a narrow terminal the id and the status stay whole', () => {
  expect(table({ columns: 60, colour: false })).toMatchInlineSnapshot(`
    "run                 workflow  status     started
    0190e2a4-7c1f-8d2e  refund-…  waiting    4 min a…  refund: …
    0190e2a4-9b00-8aaa  refund-…  completed  5 min a…  {"outcom…
    "
  `);
});

test('headings are dimmed and the status has its colour', () => {
  const text = table({ columns: 90, colour: true });
  expect(text).toContain('\u001b[2mrun');
  expect(text).toContain('\u001b[33mwaiting\u001b[39m');
  expect(text).toContain('\u001b[32mcompleted\u001b[39m');
});

test('on a narrow terminal spare columns are left out, the last one first, and said to be', () => {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  const narrow = new Output(false, write, { columns: 48, colour: false });
  narrow.table(
    [whole('run'), spare('started'), whole('status'), spare('took'), ''],
    [['0190e2a4-7c1f-8d2e', '4 min ago', 'waiting', '12.4 s', 'approve: single approval']],
  );
  expect(text).toMatchInlineSnapshot(`
    "run                 status
    0190e2a4-7c1f-8d2e  waiting  approve: single ap…
    Left out: started, took. --wide shows all.
    "
  `);
});

const plainColumns = ['a', 'b', 'c'].map((title) => ({ title, keep: false, spare: false }));

test('whatever is in a table, lines fit, and nothing in it moves the cursor', () => {
  const cell = fc.string({ unit: 'binary', maxLength: 80 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }),
      fc.integer({ min: 22, max: 120 }),
      (cells, width) => {
        for (const line of layOut(plainColumns, cells, width).lines) {
          expect([...line].length).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
        }
      },
    ),
  );
});

test('what others wrote becomes one line', () => {
  expect(plain('a\n\tb\u001b[2Jc  d')).toBe('a b\u{fffd}[2Jc  d');
});

test.each([
  [68, '0.068 s'],
  [12_400, '12.4 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [356_400_000, '4 d 3 h'],
])('%i ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test.each([
  [0, 'just now'],
  [-59_000, '59 s ago'],
  [-240_000, '4 min ago'],
  [14_160_000, 'in 4 h'],
  [-3 * 86_400_000, '3 d ago'],
])('an instant %i ms away is %s', (ms, text) => {
  const now = Date.parse('2026-11-22T09:20:00.000Z');
  expect(distanceText(new Date(now + ms).toISOString(), now)).toBe(text);
});

test('a sentence is broken between words, and no word of it is cut', () => {
  expect(wrapped('waits for approval at refund: single approval by lead', 30)).toEqual([
    'waits for approval at refund:',
    '  single approval by lead',
  ]);
  expect(wrapped('run 3ea923ee-3c79-8943-967d-b0a9dac3ec17 waits', 20)).toEqual([
    'run',
    '  3ea923ee-3c79-8943-967d-b0a9dac3ec17',
    '  waits',
  ]);
  expect(wrapped('short', Number.POSITIVE_INFINITY)).toEqual(['short']);
});
