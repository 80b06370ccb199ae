import type { NewRecord, StoredRecord } from '@interlock/broker';
import { CorruptLogError } from '@interlock/log';
import { UpgradeNeeded } from '@interlock/projection';
import { expect, test } from 'vitest';
import { recorded, requestedCall, started } from '../../../libs/projection/test/run-events.js';
import { acceptedEvents, RunLog } from '../../../libs/projection/test/run-log.js';
import { textOf } from '../test/audit.consumer.js';
import { anchor, manifests } from '../test/signing.js';
import { AuditFeed } from './audit.feed.js';
import { HEAD_MS } from './unsigned.heads.js';

const start = { offset: 0, epoch: -1, index: 0 };

function logOf(write: (log: RunLog) => void): StoredRecord[] {
  const stored: StoredRecord[] = [];
  const log = new RunLog((records) => {
    for (const record of records) stored.push({ ...record, offset: stored.length });
  });
  log.claim();
  write(log);
  return stored;
}

/** A feed whose clock is moved by `after`. */
function feedOf(from: number) {
  let now = 0;
  const feed = new AuditFeed(
    0,
    start,
    from,
    { stores: 'events', manifests, anchor },
    () => Promise.resolve(),
    () => now,
  );
  return {
    feed,
    after(ms: number): void {
      now += ms;
    },
  };
}

const offsetsOf = (records: readonly NewRecord[]) =>
  records.flatMap((record) => textOf(record as StoredRecord, 'sourceoffset') ?? []).map(Number);
const headsOf = (records: readonly NewRecord[]) =>
  records.flatMap((record) =>
    textOf(record as StoredRecord, 'type')?.includes('head')
      ? (textOf(record as StoredRecord, 'subject') ?? [])
      : [],
  );

test('where a batch says that the stream stands, every event in front is in it or in a batch before', async () => {
  const stored = logOf((log) => {
    for (let n = 0; n < 1_500; n++) log.append(`run-${n}`, [started(n), requestedCall(n)]);
  });
  const events = acceptedEvents(stored).map(({ offset }) => offset);
  const { feed, after } = feedOf(0);
  feed.add(stored);
  const published = new Set<number>();
  while (feed.hasWork) {
    const { records, position } = await feed.batch();
    for (const offset of offsetsOf(records)) published.add(offset);
    expect(events.filter((offset) => offset < position.offset && !published.has(offset))).toEqual([]);
    after(HEAD_MS);
  }
  expect(published.size).toBe(events.length);
});

test('who takes over signs the heads of runs that rest, however long the way to where the stream stands takes', async () => {
  const stored = logOf((log) => {
    for (let n = 0; n < 20; n++) log.append(`run-${n}`, [started(n), requestedCall(n), recorded(n)]);
  });
  const { feed, after } = feedOf(stored.length);
  const heads: string[] = [];
  for (const record of stored) {
    feed.add([record]);
    while (feed.hasWork) {
      const { records, position } = await feed.batch();
      if (position.offset >= stored.length) heads.push(...headsOf(records));
    }
    after(HEAD_MS);
  }
  while (feed.hasWork) heads.push(...headsOf((await feed.batch()).records));
  expect(new Set(heads).size).toBe(20);
});

test('a record that only a newer release can read stops the stream behind the heads of what stands in front of it', async () => {
  const stored = logOf((log) => {
    log.append('run-1', [started(1), requestedCall(1)]);
    log.append('run-2', [['run.started/99', {}]]);
  });
  const { feed } = feedOf(0);
  feed.add(stored);
  const records: NewRecord[] = [];
  await expect(async () => {
    while (feed.hasWork) records.push(...(await feed.batch()).records);
  }).rejects.toThrow(UpgradeNeeded);
  expect(offsetsOf(records)).toHaveLength(2);
  expect(headsOf(records)).toEqual(['run-1']);
});

test('a record that was changed in front of where the stream stands stops it, though runs in front of it have unsigned heads', async () => {
  const stored = logOf((log) => {
    for (let n = 0; n < 3; n++) log.append(`run-${n}`, [started(n), requestedCall(n)]);
  });
  const changed = stored.at(-1);
  if (changed?.value == null) throw new Error('the log has such a record');
  const damaged = { ...changed, value: Buffer.from(`${Buffer.from(changed.value)} `) };
  const { feed, after } = feedOf(stored.length);
  feed.add(stored.map((record) => (record === changed ? damaged : record)));
  for (let calls = 0; calls < 5; calls++) {
    const batch = await feed.batch().catch((error: unknown) => error);
    if (batch instanceof CorruptLogError) return;
    after(HEAD_MS);
  }
  expect.unreachable('the feed gave out empty batches for ever');
});
