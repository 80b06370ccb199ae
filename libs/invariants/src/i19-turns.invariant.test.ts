import { expect, test } from 'vitest';
import { turnsHold } from './i19-turns.invariant.js';
import { readingOfRun, type Told } from './told.run.js';

const steps = [
  {
    id: 'lines',
    kind: 'forEach',
    forEach: { concurrency: 2 },
    body: { steps: [{ id: 'pay', kind: 'tool' }] },
  },
  { id: 'ask', kind: 'repeat', repeat: { max: 2 }, body: { steps: [{ id: 'look', kind: 'tool' }] } },
];
const started: Told = [0, 'run.started', { compiled: { steps } }];
const lines: Told = [1, 'scope.started', { step: 'lines', items: 3 }];
const ask: Told = [1, 'scope.started', { step: 'ask' }];
const item = (number: number): Told => [2, 'scope.opened', { step: 'lines', item: number }];
const pass = (number: number): Told => [2, 'scope.opened', { step: 'ask', pass: number }];
const requested = (step: string): Told => [3, 'call.requested', { step, purpose: 'step' }];
const closed = (turn: object, outcome: object = { kind: 'completed', output: {} }): Told => [
  5,
  'scope.closed',
  { step: 'lines', outcome, ...turn },
];
/** The answer to the event at this place. */
const recorded = (at: number, step: string): Told => [
  4,
  'call.recorded',
  { requestId: `run/${at}`, step, outcome: { kind: 'succeeded' } },
];
const cancelling: Told = [4, 'run.cancelling', {}];

const problems = (...told: readonly Told[]): string[] =>
  turnsHold(readingOfRun(started, ...told)).map(({ message }) => message);

test.each<[string, Told[]]>([
  [
    'items, two at a time',
    [lines, item(0), item(1), closed({ item: 0 }), item(2), closed({ item: 1 }), closed({ item: 2 })],
  ],
  [
    'a call that is answered before its turn ends',
    [lines, item(0), requested('lines[0]/pay'), recorded(4, 'lines[0]/pay'), closed({ item: 0 })],
  ],
  ['one pass after another', [ask, pass(1), closed({ step: 'ask', pass: 1 }), pass(2)]],
])('healthy: %s', (_, told) => {
  expect(problems(...told)).toEqual([]);
});

test.each<[string, Told[], RegExp]>([
  [
    'more items at a time than may be',
    [lines, item(0), item(1), item(2)],
    /begins beside 2 others, and 2 may be open/,
  ],
  ['an item that is not there', [lines, item(3)], /lines\[3\] begins, and it is not its turn/],
  ['an item before its turn', [lines, item(1)], /lines\[1\] begins, and it is not its turn/],
  [
    'an item that begins twice',
    [lines, item(0), closed({ item: 0 }), item(0)],
    /lines\[0\] begins a second time/,
  ],
  ['a turn before its step', [item(0)], /begins before lines has started/],
  [
    'a pass too many',
    [ask, pass(1), closed({ step: 'ask', pass: 1 }, { kind: 'completed', output: {}, done: true }), pass(2)],
    /no other pass is wanted/,
  ],
  ['a turn while the run ends', [lines, cancelling, item(0)], /where nothing may start any more/],
  [
    'a call while the run ends',
    [lines, item(0), cancelling, requested('lines[0]/pay')],
    /where nothing may start any more/,
  ],
  [
    'a step of a turn that is over',
    [lines, item(0), closed({ item: 0 }), requested('lines[0]/pay')],
    /lines\[0\] is over/,
  ],
  [
    'a turn that ends with an open call',
    [lines, item(0), requested('lines[0]/pay'), closed({ item: 0 })],
    /lines\[0\]/,
  ],
])('found: %s', (_, told, message) => {
  expect(problems(...told)).toContainEqual(expect.stringMatching(message));
});
