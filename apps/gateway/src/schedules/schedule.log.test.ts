import {
  type BulkEvent,
  BulkOrdered,
  type Message,
  ScheduleCreated,
  type ScheduleEvent,
  ScheduleHalted,
} from '@interlock/contracts';
import { type Accepted, eventId, recordValue } from '@interlock/log';
import type { OwnerAnswer } from '@interlock/service';
import { expect, test } from 'vitest';
import { ScheduleLog } from './schedule.log.js';

const by = { sub: 'olga', roles: ['operator'] };
const nightly = ScheduleCreated({
  name: 'nightly',
  spec: {
    workflow: 'report',
    input: {},
    timing: { everyMs: 60_000 },
    timezone: 'UTC',
    overlap: 'skip',
    catchUpMs: 600_000,
    jitterMs: 0,
    paused: false,
    requestHash: 'request',
  },
  by,
  revision: 1,
  anchor: 0,
  next: 60_000,
  commandId: 'create',
  at: 0,
});
const halted = ScheduleHalted({ name: 'nightly', code: 'c', message: 'm', at: 1 });
const cancelAll = BulkOrdered({
  bulkId: 'all',
  filter: 'run.status == "waiting"',
  reason: 'test',
  command: { wire: 'run.cancel/1', fields: {} },
  runs: [{ runId: 'a' }],
  commandId: 'cancel',
  by,
  at: 2,
});

/** What is read when these were decided at once in partition 1. */
function batchOf(events: readonly Message[], offset = 0) {
  const wires = events.map(({ type }) => `${type}/1`);
  const value = recordValue(events.map(({ data }, at) => ({ wire: wires[at] ?? '', data })));
  const meta = { id: eventId('schedules', 1), epoch: 0, index: 1, time: 0 };
  const record = { key: 'schedules', headers: {}, value, offset };
  const nothing = new Uint8Array(32);
  const accepted: Accepted = { wires, meta, previous: nothing, hash: nothing, offset, record };
  return { partition: 1, accepted: [accepted], position: { offset: offset + 1, epoch: 0, index: 1 } };
}

function logUnderTest(ends: readonly number[] = []) {
  const told: string[] = [];
  const answered: string[] = [];
  const views = {
    schedules: {
      take: (partition: number, { type }: ScheduleEvent) => void told.push(`${partition} ${type}`),
    },
    bulks: { take: ({ type }: BulkEvent) => void told.push(type) },
  };
  const log = new ScheduleLog(views, ends);
  log.onAnswer(({ type, commandId }: OwnerAnswer) => void answered.push(`${type} ${commandId}`));
  return { log, told, answered };
}

test('each view is told of its own events alone, and who waits for an answer is told it once', () => {
  const { log, told, answered } = logUnderTest();
  log.take(batchOf([nightly, halted, cancelAll]));
  expect(told).toEqual(['1 schedule.created', '1 schedule.halted', 'bulk.ordered']);
  expect(answered).toEqual(['schedule.created create', 'bulk.ordered cancel']);
});

test('it is read once everything is that was there at the start, in every partition', () => {
  const { log } = logUnderTest([0, 2]);
  expect(log.waitingFor()).toBe('schedule.events to be read');
  log.take(batchOf([nightly]));
  expect(log.waitingFor()).toBe('schedule.events to be read');
  log.take(batchOf([halted], 1));
  expect(log.waitingFor()).toBeUndefined();
});
