import { expect, test } from 'vitest';
import { eachDueOnce } from './i18-schedule.invariant.js';
import type { Reading } from './reading.js';

type Said = readonly [type: string, data: Record<string, unknown>];

const created: Said = ['schedule.created', { spec: { timing: { everyMs: 10 } }, anchor: 0, next: 10 }];
const start = (due: number, change: object = {}): Said => [
  'schedule.started',
  { due, next: due + 10, runId: `run at ${due}`, watched: true, ...change },
];
const ended = (due: number): Said => ['schedule.run_ended', { runId: `run at ${due}` }];
const queued = (due: number): Said => ['schedule.queued', { due, next: due + 10 }];
const skipped = (from: number, to = from): Said => ['schedule.skipped', { from, to, next: to + 10 }];
const deleted: Said = ['schedule.deleted', {}];

/** @param over runs that have ended */
function problems(
  said: readonly Said[],
  over: readonly string[] = ['run at 10', 'run at 20', 'run at 30'],
): string[] {
  const schedules = said.map(([type, data]) => ({ type, data: { name: 'nightly', ...data } }));
  const runs = new Map(over.map((run) => [run, [{ type: 'run.completed' }]]));
  const reading = { schedules, runs, view: { topics: new Map(), ended: true } };
  return eachDueOnce(reading as unknown as Reading).map(({ message }) => message);
}

test.each<[string, Said[]]>([
  ['one start after another', [created, start(10), ended(10), start(20)]],
  [
    'a due time that waits for the run before it',
    [created, start(10), queued(20), ended(10), start(20, { next: 30 })],
  ],
  ['due times that are named as skipped', [created, skipped(10, 20), start(30)]],
])('healthy: %s', (_, said) => {
  expect(problems(said)).toEqual([]);
});

test.each<[string, Said[], RegExp]>([
  ['a due time that is left out', [created, start(20)], /20 is started, 10 was due/],
  ['a next one that is none', [created, start(10, { next: 30 })], /behind 10 comes 30, not 20/],
  ['a due time that is started twice', [created, start(10), ended(10), start(10)], /10 is started twice/],
  ['a run beside another', [created, start(10), start(20)], /20 starts beside run at 10/],
  ['one that is queued out of turn', [created, queued(20)], /20 is queued, 10 was due/],
  ['one that is skipped out of turn', [created, skipped(20)], /20 is skipped, 10 was due/],
  ['one that waited and is forgotten', [created, queued(10), deleted], /10 waited and was forgotten/],
])('found: %s', (_, said, message) => {
  expect(problems(said)).toContainEqual(expect.stringMatching(message));
});

test('found: a start without a run, and an end without one', () => {
  expect(problems([created, start(10), ended(10)], [])).toEqual([
    expect.stringMatching(/10 has no run/),
    expect.stringMatching(/its run has not ended/),
  ]);
});
