import { BulkGiven, BulkOrdered } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { BulkView } from './bulk.view.js';

const ordered = (bulkId: string, at: number, runs: number) =>
  BulkOrdered({
    bulkId,
    filter: 'run.status == "waiting"',
    reason: 'test',
    command: { wire: 'run.cancel/1', fields: {} },
    runs: Array.from({ length: runs }, (_, run) => ({ runId: `${bulkId}-${run}`, rootRunId: 'root' })),
    commandId: bulkId,
    by: { sub: 'olga', roles: [] },
    at,
  });
const isRemembered = (view: BulkView, bulkId: string) => view.find(bulkId)?.runs !== undefined;

test('runs are remembered of the latest orders together, and of earlier ones how many they were', () => {
  const view = new BulkView(10);
  for (const [at, bulkId] of ['a', 'b', 'c'].entries()) view.take(ordered(bulkId, at, 4));
  expect(['a', 'b', 'c'].map((bulkId) => isRemembered(view, bulkId))).toEqual([false, true, true]);
  expect(view.find('c')?.runs).toEqual(['c-0', 'c-1', 'c-2', 'c-3']);
  expect(view.find('a')).toMatchObject({ matched: 4, isGiven: false });
  view.take(BulkGiven({ bulkId: 'a', at: 9 }));
  expect(view.find('a')).toMatchObject({ matched: 4, isGiven: true, runs: undefined });
});

test('an order of another partition that is read later is no later order', () => {
  const view = new BulkView(10);
  view.take(ordered('new', 2, 8));
  view.take(ordered('old', 1, 8));
  expect([isRemembered(view, 'new'), isRemembered(view, 'old')]).toEqual([true, false]);
});

test('the latest 200 are known', () => {
  const view = new BulkView();
  for (let at = 0; at < 210; at++) view.take(ordered(`order-${at}`, at, 1));
  expect(view.all().map(({ ordered }) => ordered.at)).toEqual(
    Array.from({ length: 200 }, (_, at) => 209 - at),
  );
});
