import { expect, test } from 'vitest';
import { familiesHold } from './i17-family.invariant.js';
import type { Reading } from './reading.js';

type Said = readonly [run: string, type: string, data: Record<string, unknown>];

const budget = { tokens: 10, costUsd: 1, steps: 2, toolCalls: 2 };
const used = { tokens: 5, costUsd: 0.5, steps: 1, toolCalls: 1 };
const above: Said = ['above', 'run.started', {}];
const requested: Said = ['above', 'child.requested', { runId: 'below', step: 'order', budget }];
const started: Said = ['below', 'run.started', { parent: { runId: 'above' }, budget }];
const completed: Said = ['below', 'run.completed', {}];
const known = (change: object = {}): Said => [
  'above',
  'child.ended',
  { runId: 'below', status: 'completed', used, ...change },
];
const over: Said = ['above', 'run.completed', {}];

/** Both lie in one partition, in this order. */
function problems(...said: readonly Said[]): string[] {
  const runs = new Map<string, object[]>();
  for (const [offset, [run, type, data]] of said.entries())
    runs.set(run, [...(runs.get(run) ?? []), { type, data, partition: 0, offset, part: 0, meta: { run } }]);
  const reading = { runs, states: new Map(), view: { ended: true } };
  return familiesHold(reading as unknown as Reading).map(({ message }) => message);
}

test('healthy: a child that is requested, starts, ends and is known to have ended', () => {
  expect(problems(above, requested, started, completed, known(), over)).toEqual([]);
});

test.each<[string, Said[], RegExp]>([
  ['a child that nobody has requested', [above, started, completed], /was not requested by above/],
  [
    'a child that starts before it is requested',
    [above, started, requested, completed, known()],
    /before it was requested/,
  ],
  [
    'a child with more than was reserved for it',
    [
      above,
      requested,
      [started[0], started[1], { ...started[2], budget: { ...budget, steps: 9 } }],
      completed,
      known(),
    ],
    /another budget/,
  ],
  ['a child that starts twice', [above, requested, started, started, completed, known()], /started twice/],
  [
    'an end that its parent does not know',
    [above, requested, started, completed, over],
    /end of the child below of order is not known/,
  ],
  [
    'an end that is known before it was',
    [above, requested, started, known(), completed],
    /ended before it ended/,
  ],
  ['an end that is known twice', [above, requested, started, completed, known(), known()], /ended twice/],
  [
    'another end than it was',
    [above, requested, started, completed, known({ status: 'failed' })],
    /is said to be failed/,
  ],
  [
    'a child that outlives its parent',
    [above, requested, started, over, completed, known()],
    /has outlived it/,
  ],
  [
    'more used than was reserved',
    [above, requested, started, completed, known({ used: { ...used, tokens: 11 } })],
    /has used 11 tokens of 10/,
  ],
])('found: %s', (_, said, message) => {
  expect(problems(...said)).toContainEqual(expect.stringMatching(message));
});
