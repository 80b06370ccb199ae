import {
  CancelRun,
  catalogueOf,
  type Identity,
  OrderBulk,
  runOrders,
  scheduleCommands,
} from '@interlock/contracts';
import { delivered } from '@interlock/testing';
import { expect, test } from 'vitest';
import { ada, ordersAfterCrash, schedules, T0 } from '../schedule.scenario.js';
import { bulkItems, type OpenBulk } from './index.js';

const order = (bulkId: string, by: Identity = ada, wire: string = CancelRun.wire) =>
  delivered(
    scheduleCommands.name,
    OrderBulk({
      commandId: `command of ${bulkId}`,
      by,
      issuedAt: T0,
      bulkId,
      filter: 'run.status == "waiting"',
      reason: 'closed',
      command: { wire, fields: { rollback: true } },
      runs: [{ runId: 'run-1' }, { runId: 'child-2', rootRunId: 'run-2' }],
    }),
  );
const done = (bulkId: string) =>
  ({ kind: 'result', effectId: `bulk/${bulkId}`, result: { bulkId } }) as const;

test('an order is given to its runs, again after a crash, until it is known to be given', () => {
  const scenario = schedules()
    .when(order('a'))
    .thenEvents({ type: 'bulk.ordered', data: { bulkId: 'a', by: ada, runs: [{ runId: 'run-1' }, {}] } });
  expect(ordersAfterCrash(scenario)).toMatchObject([{ id: 'bulk/a', kind: 'bulk', data: { bulkId: 'a' } }]);
  scenario.when(done('a')).thenTypes('bulk.given').when({ kind: 'recovered' }).thenNothing();
});

test('a repeat orders nothing, whatever has become of the first', () => {
  schedules().when(order('a')).when(order('a')).thenTypes().when(done('a')).when(order('a')).thenTypes();
});

test('a result that comes twice is said once', () => {
  schedules().when(order('a')).when(done('a')).when(done('a')).thenTypes();
});

test('who is no operator, and a command that is not known here, are refused', () => {
  schedules()
    .when(order('a', { sub: 'eve', roles: ['auditor'] }))
    .thenEvents({ type: 'bulk.refused', data: { code: 'bulk_forbidden' } })
    .when(order('a', ada, 'run.melt/1'))
    .thenEvents({ type: 'bulk.refused', data: { code: 'bulk_unknown_command' } });
});

test('each run is told by a command of its own, always the same one, in the partition of its root', () => {
  const { state } = schedules().when(order('a'));
  const items = bulkItems(state?.bulks.open.get('a') as OpenBulk, T0 + 5);
  expect(items.map(({ key, commandId }) => [key, commandId])).toEqual([
    ['run-1', 'bulk/a/run-1'],
    ['run-2', 'bulk/a/child-2'],
  ]);
  const [first] = items;
  expect(catalogueOf(runOrders).validData(first?.wire ?? '', first?.data)).toMatchObject({
    data: { runId: 'run-1', by: ada, reason: 'closed', rollback: true, issuedAt: T0 + 5 },
  });
});
