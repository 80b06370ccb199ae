import { describe, expect, test } from 'vitest';
import { migrationsHold } from './i20-migration.invariant.js';
import type { Reading } from './reading.js';

type Said = readonly [type: string, data: object, state?: object];

const step = (id: string, more: object = {}) => ({ id, kind: 'tool', needs: [], tool: `${id}.get`, ...more });
const one = { steps: [step('look'), step('pay'), step('end')] };
const started: Said = ['run.started', { workflow: { version: 1, hash: 'h1' }, compiled: one }];
const migrated = (compiled: object, more: object = {}): readonly [string, object] => [
  'run.migrated',
  { from: { version: 1, hash: 'h1' }, workflow: { version: 2, hash: 'h2' }, compiled, ...more },
];

/** A state in which these steps have a status. */
const state = (
  compiled: { steps: readonly { id: string }[] },
  statuses: Record<string, string> = {},
  more = {},
) => ({
  origin: { compiled },
  steps: {
    depth: 1,
    size: compiled.steps.length,
    root: compiled.steps.map(({ id }) =>
      statuses[id] === undefined ? null : { at: { status: statuses[id] } },
    ),
  },
  ...Object.fromEntries(['calls', 'requests', 'approvals', 'writes'].map((list) => [list, { size: 0 }])),
  ...more,
});

function found(...said: readonly Said[]): string[] {
  const events = said.map(([type, data], at) => ({ type, data, meta: { seq: at + 1 } }));
  const reading = {
    runs: new Map([['r', events]]),
    states: new Map([['r', said.map(([, , after]) => after)]]),
  };
  return migrationsHold(reading as unknown as Reading).map(({ message }) => message);
}

const asked: Said = ['call.requested', { step: 'pay' }, state(one, { pay: 'running' })];

describe('of a migration is noticed', () => {
  const two = { steps: [step('new'), ...one.steps] };

  test('nothing, where all that has begun keeps its place', () => {
    const after = state(two, { pay: 'running' });
    expect(found(started, asked, [...migrated(two), after], ['step.completed', { step: 'new' }])).toEqual([]);
  });

  test.each<[string, Said[], RegExp]>([
    [
      'that it comes from a version that the run has not',
      [started, [...migrated(two, { from: { version: 7, hash: 'h7' } })]],
      /comes from version 7, and had 1/,
    ],
    [
      'that a step which has begun is gone',
      [started, asked, [...migrated({ steps: [step('end')] }), state({ steps: [step('end')] })]],
      /pay has begun, and the version has no such tool step/,
    ],
    [
      'that a step which is under way is another one',
      [
        started,
        asked,
        [
          ...migrated({ steps: [step('pay', { tool: 'other' })] }),
          state({ steps: [step('pay')] }, { pay: 'running' }),
        ],
      ],
      /pay is running, and another one in the version/,
    ],
    [
      'that a step has another status than before',
      [started, asked, [...migrated(two), state(two, { look: 'running' })]],
      /pay was running, and is undefined/,
    ],
    [
      'that a call is lost',
      [started, asked, [...migrated(two), state(two, { pay: 'running' }, { calls: { size: 1 } })]],
      /calls are not as many/,
    ],
    [
      'that something is said of a step that is gone',
      [
        started,
        [...migrated({ steps: [step('end')] }), state({ steps: [step('end')] })],
        ['step.completed', { step: 'look' }],
      ],
      /names look, which the version of the run does not have/,
    ],
  ])('%s', (_, said, message) => {
    expect(found(...said)).toContainEqual(expect.stringMatching(message));
  });
});
