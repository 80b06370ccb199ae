import { expect, test } from 'vitest';
import { undoneWhenKnown } from './i14-start.invariant.js';
import { undoneAtTarget } from './i14-target.invariant.js';
import type { Reading } from './reading.js';
import type { TargetRequest } from './view.js';

type Said = readonly [type: string, data: Record<string, unknown>];

const reading = (said: readonly Said[], requests: readonly TargetRequest[] = []): Reading => {
  const events = said.map(([type, data], place) => ({ type, data, meta: { id: `run/${place + 1}` } }));
  return {
    view: { requests, topics: new Map(), ended: true },
    runs: new Map([['run', events]]),
  } as unknown as Reading;
};
const write = (key: string, at: number, undoes: string | null = null): TargetRequest => ({
  key,
  at,
  tool: 'pay',
  kind: 'write',
  tookEffect: true,
  undoes,
});
const requestedCall = (step: string, purpose = 'step'): Said => [
  'call.requested',
  { step, callHash: step, purpose, effect: 'write', needs: [] },
];
const recorded = (requestId: string, callHash: string, kind: string): Said => [
  'call.recorded',
  { requestId, callHash, step: callHash, outcome: { kind } },
];
const rolledBack: Said = ['run.rolled_back', {}];
const late: Said = ['call.late_recorded', { callHash: 'book' }];
const run = [requestedCall('pay'), requestedCall('book'), rolledBack];

test('what a run says it has taken back does not stand at its target', () => {
  const undone = [write('pay', 1), write('undo pay', 2, 'pay')];
  const find = (said: readonly Said[], requests: readonly TargetRequest[]) =>
    undoneAtTarget(reading(said, requests)).map(({ message }) => message);
  expect(find(run, undone)).toEqual([]);
  expect(find(run, [...undone, write('book', 3)])).toEqual([
    expect.stringMatching(/the write of book stands/),
  ]);
  expect(find([...run, late], [...undone, write('book', 3)])).toEqual([]);
  expect(find(run.slice(0, 2), [write('pay', 1)])).toEqual([]);
  const { undoes: _untold, ...silent } = write('pay', 1);
  expect(find(run, [silent])).toEqual([]);
  expect(find(run, [...undone, write('again', 4, 'pay')])).toEqual(['pay was undone 2 times']);
  expect(find(run, [write('undo pay', 1, 'pay'), write('pay', 2)])).toEqual([
    'pay was undone, and had not happened',
  ]);
});

const started: Said = ['rollback.started', { writes: [] }];
const denies: Said = ['verdict.recorded', { requestId: 'run/1', checkId: 'run/1', verdict: 'deny' }];
const waitsFor = (checkId: string): Said => [
  'call.requested',
  { ...requestedCall('pay')[1], needs: [checkId] },
];

test.each<[string, boolean, readonly Said[]]>([
  ['every call is answered', true, [requestedCall('pay'), recorded('run/1', 'pay', 'succeeded'), started]],
  ['a call has no answer', false, [requestedCall('pay'), started]],
  ['a denial has ended the call', true, [waitsFor('run/1'), denies, started]],
  ['a write is in doubt', false, [requestedCall('pay'), recorded('run/1', 'pay', 'unknown'), started]],
  [
    'a doubt is cleared up',
    true,
    [
      requestedCall('pay'),
      recorded('run/1', 'pay', 'unknown'),
      ['call.doubt_resolved', { callHash: 'pay' }],
      started,
    ],
  ],
  [
    'a person has decided about a doubt',
    true,
    [requestedCall('pay'), recorded('run/1', 'pay', 'unknown'), ['step.skipped', { step: 'pay' }], started],
  ],
  [
    'a repetition has answered',
    true,
    [
      requestedCall('pay'),
      recorded('run/1', 'pay', 'unknown'),
      requestedCall('pay'),
      recorded('run/3', 'pay', 'succeeded'),
      started,
    ],
  ],
  [
    'a write is known to have happened, and its repetition is in doubt',
    true,
    [
      requestedCall('pay'),
      recorded('run/1', 'pay', 'unknown'),
      requestedCall('pay'),
      ['call.doubt_resolved', { callHash: 'pay', happened: true }],
      recorded('run/3', 'pay', 'unknown'),
      started,
    ],
  ],
  [
    'a write is known not to have happened, and its repetition is in doubt',
    false,
    [
      requestedCall('pay'),
      recorded('run/1', 'pay', 'unknown'),
      ['call.doubt_resolved', { callHash: 'pay', happened: false }],
      requestedCall('pay'),
      recorded('run/4', 'pay', 'unknown'),
      started,
    ],
  ],
])('a rollback that starts when %s: healthy is %s', (_, healthy, said) => {
  expect(undoneWhenKnown(reading(said)).length === 0).toBe(healthy);
});
