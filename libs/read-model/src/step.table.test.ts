import type { RecordedEvent } from '@interlock/actors';
import { expect, test } from 'vitest';
import { StepTableFold } from './step.table.js';
import { stepPage } from './step-queries.js';

/** The table after these events, one a second from 0 on. */
function tableOf(...events: readonly (readonly [type: string, data: object])[]) {
  const fold = new StepTableFold();
  for (const [at, [type, data]] of events.entries())
    fold.take({ type, data, id: `r/${at + 1}`, seq: at + 1, time: at * 1_000 } as unknown as RecordedEvent);
  return fold.table;
}
const row = (path: string, ...events: readonly (readonly [string, object])[]) =>
  tableOf(...events).rows.find((one) => one.path === path);

const steps = [
  { id: 'order', kind: 'tool' },
  { id: 'lines', kind: 'forEach', body: { steps: [{ id: 'charge', kind: 'tool' }] } },
];
const started = ['run.started', { compiled: { steps } }] as const;
const requested = (step: string, attempt = 1, purpose = 'step') =>
  ['call.requested', { step, tool: 'orders.get', attempt, purpose }] as const;
const failure = { class: 'transient', code: 'http.503', message: 'away', detail: 'more' };
const shown = { class: 'transient', code: 'http.503', message: 'away' };

test('a workflow’s steps are there before anything happens to them', () => {
  expect(tableOf(started).rows).toEqual([
    { path: 'order', kind: 'tool', status: 'pending', since: 0, generation: 1, calls: 0, attempts: 0 },
    { path: 'lines', kind: 'forEach', status: 'pending', since: 0, generation: 1, calls: 0, attempts: 0 },
  ]);
});

test('a step runs from its first request on; attempts and calls are counted, and what failed is forgotten when it completes', () => {
  const life = [
    started,
    requested('order'),
    ['step.retry_scheduled', { step: 'order', failure }],
    requested('order', 2),
  ] as const;
  expect(row('order', ...life)).toMatchObject({
    status: 'running',
    since: 1_000,
    startedAt: 1_000,
    calls: 1,
    attempts: 2,
    tool: 'orders.get',
    failure: shown,
  });
  const done = row('order', ...life, ['step.completed', { step: 'order' }]);
  expect(done).toMatchObject({ status: 'completed', since: 4_000, endedAt: 4_000, calls: 1, attempts: 2 });
  expect(done).not.toHaveProperty('failure');
});

test('instances within others are known by their paths, behind the workflow’s own, and stay known', () => {
  const table = tableOf(
    started,
    ['scope.started', { step: 'lines' }],
    requested('lines[0]/charge'),
    requested('lines[1]/charge'),
    ['step.completed', { step: 'lines[1]/charge' }],
    ['step.failed', { step: 'lines[0]/charge', failure }],
  );
  expect(table.rows.map(({ path, status }) => `${path} ${status}`)).toEqual([
    'order pending',
    'lines running',
    'lines[0]/charge failed',
    'lines[1]/charge completed',
  ]);
  expect(table.rows.map(({ kind }) => kind)).toEqual(['tool', 'forEach', 'tool', 'tool']);
});

test('a step whose fallback acts keeps why, also when that has completed it', () => {
  const life = [started, requested('order'), ['step.fell_back', { step: 'order', failure }]] as const;
  expect(row('order', ...life)).toMatchObject({ status: 'fell_back', failure: shown });
  expect(row('order', ...life, ['step.completed', { step: 'order' }])).toMatchObject({
    status: 'completed',
    failure: shown,
  });
});

test('a parked step that an operator takes up again begins its next generation', () => {
  const life = [started, requested('order'), ['step.parked', { step: 'order', failure }]] as const;
  expect(row('order', ...life)).toMatchObject({ status: 'parked', since: 2_000, failure: shown });
  const again = row('order', ...life, ['step.resumed', { step: 'order', generation: 2 }]);
  expect(again).toMatchObject({ status: 'pending', since: 3_000, generation: 2 });
  expect(again).not.toHaveProperty('failure');
});

test('what undoes a step leaves it completed, and is counted', () => {
  const life = [
    started,
    requested('order'),
    ['step.completed', { step: 'order' }],
    requested('order', 1, 'compensate'),
  ] as const;
  expect(row('order', ...life)).toMatchObject({ status: 'completed', since: 2_000, calls: 2, attempts: 2 });
});

test('a step that asks people or the clock waits; one whose call is asked about runs', () => {
  const ask = (kind: string) => ['approval.requested', { step: 'order', subject: { kind } }] as const;
  expect(row('order', started, ask('question'))).toMatchObject({ status: 'waiting', startedAt: 1_000 });
  expect(row('order', started, requested('order'), ask('call'))).toMatchObject({ status: 'running' });
  expect(row('order', started, ['wait.started', { step: 'order' }])).toMatchObject({ status: 'waiting' });
});

test('pages follow one another, by status too, and say what a step waits for', () => {
  const table = tableOf(started, ...[0, 1, 2, 3].map((at) => requested(`lines[${at}]/charge`)));
  const since = '2026-11-22T09:15:00.000Z';
  const wait = { kind: 'call', step: 'lines[2]/charge', since, detail: 'the answer' };
  const run = { body: JSON.stringify({ waitingFor: [wait] }) };
  const page = (status: string | undefined, after: number) =>
    JSON.parse(stepPage(table, run, { limit: 2, after, ...(status !== undefined && { status }) }));
  const paths = ({ items }: { items: { path: string }[] }) => items.map(({ path }) => path);
  const first = page('running', 0);
  expect([paths(first), first.next]).toEqual([['lines[0]/charge', 'lines[1]/charge'], '4']);
  const second = page('running', Number(first.next));
  expect(paths(second)).toEqual(['lines[2]/charge', 'lines[3]/charge']);
  expect(second).not.toHaveProperty('next');
  expect(second.items[0].waitingFor).toEqual([wait]);
  expect(page(undefined, 0)).toMatchObject({ next: '2', lastSeq: 5 });
});

test('a step that starts a workflow names the run that it has started last', () => {
  const requestedChild = (runId: string) => ['child.requested', { step: 'order', runId }] as const;
  const life = [started, ['child.awaited', { step: 'order' }], requestedChild('r-2')] as const;
  expect(row('order', ...life)).toMatchObject({ status: 'running', startedAt: 1_000, child: 'r-2' });
  const again = [...life, ['step.resumed', { step: 'order', generation: 2 }], requestedChild('r-3')] as const;
  expect(row('order', ...again)).toMatchObject({ status: 'running', generation: 2, child: 'r-3' });
});

test('a run that goes on as another version says shows the steps of that: renamed ones keep what is known of them', () => {
  const other = {
    steps: [
      { id: 'first', kind: 'tool' },
      { id: 'fetched', kind: 'tool' },
    ],
  };
  const table = tableOf(
    started,
    requested('order'),
    ['step.completed', { step: 'order' }],
    ['run.migrated', { compiled: other, map: { order: 'fetched' }, removed: ['lines'], added: ['first'] }],
    requested('first'),
  );
  const page = JSON.parse(stepPage(table, { body: '{}' }, { limit: 10 })) as { items: object[] };
  expect(page.items).toMatchObject([
    { path: 'fetched', status: 'completed', calls: 1 },
    { path: 'first', kind: 'tool', status: 'running' },
  ]);
  expect(page.items).toHaveLength(2);
});
