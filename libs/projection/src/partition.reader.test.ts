import type { StoredRecord } from '@interlock/broker';
import { expect, test } from 'vitest';
import { OnePartition, plainRecords } from '../test/fenced.log.js';
import { PartitionReader, type PartitionSink } from './partition.reader.js';

function reading(broker: OnePartition, more: Partial<PartitionSink> = {}, from?: number) {
  const taken: number[] = [];
  const troubles: string[] = [];
  const reader = new PartitionReader(
    broker,
    'topic',
    0,
    {
      take: (records) => void taken.push(...records.map(({ offset }) => offset)),
      stopped: ({ message }) => troubles.push(message),
      ...more,
    },
    from,
  );
  return { reader, taken, troubles };
}

test('what is there is taken, and then what comes, each record once and in order', async () => {
  const broker = new OnePartition(plainRecords(0, 3));
  const { reader, taken } = reading(broker);
  await reader.start();
  broker.come(...plainRecords(3, 2));
  expect(taken).toEqual([0, 1, 2, 3, 4]);
  expect(reader).toMatchObject({ next: 5, isRead: true, trouble: undefined });
});

test('a reader goes on where it stood, or at the first record that is left', async () => {
  const later = reading(new OnePartition(plainRecords(0, 5)), {}, 3);
  await later.reader.start();
  expect(later.taken).toEqual([3, 4]);
  const cut = reading(new OnePartition(plainRecords(0, 5), 4), {}, 1);
  await cut.reader.start();
  expect(cut.taken).toEqual([4]);
});

test('a first reading waits for its sink again and again, and is followed only behind its end', async () => {
  const broker = new OnePartition(plainRecords(0, 40));
  let settled = 0;
  const { reader, taken } = reading(broker, {
    settle: async () => {
      expect(broker.followers).toEqual([]);
      settled += 1;
    },
  });
  await reader.start();
  expect(settled).toBe(2);
  expect(taken).toHaveLength(40);
  expect(broker.followers).toHaveLength(1);
});

test('a sink that takes its time gets the next records when it is done with those before', async () => {
  const broker = new OnePartition(plainRecords(0, 1));
  const begun: number[] = [];
  const done: (() => void)[] = [];
  const { reader } = reading(broker, {
    take: ([record]) => {
      begun.push(record?.offset ?? -1);
      return new Promise<void>((resolve) => done.push(resolve));
    },
  });
  await reader.start();
  broker.come(...plainRecords(1, 1));
  broker.come(...plainRecords(2, 1));
  expect(begun).toEqual([0]);
  expect(reader.isRead).toBe(false);
  done[0]?.();
  await expect.poll(() => begun).toEqual([0, 1]);
  expect(reader.next).toBe(1);
  done[1]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  done[2]?.();
  await expect.poll(() => reader.next).toBe(3);
});

test.each([
  ['at once', (records: readonly StoredRecord[]) => fail(records)],
  ['later', async (records: readonly StoredRecord[]) => fail(records)],
])('what a sink throws %s stops the reader in front of it, and is told once', async (_when, take) => {
  const broker = new OnePartition(plainRecords(0, 1));
  const { reader, troubles } = reading(broker, { take });
  await reader.start();
  broker.come(...plainRecords(1, 1));
  broker.come(...plainRecords(2, 1));
  await expect.poll(() => troubles).toEqual(['record 1 is broken']);
  expect(reader).toMatchObject({ next: 1, isRead: true });
  expect(reader.trouble?.message).toBe('record 1 is broken');
  for (const { failed } of broker.followers) failed(new Error('and the broker is gone'));
  expect(troubles).toHaveLength(1);
});

test('a stopped reader hands over nothing more', async () => {
  const broker = new OnePartition(plainRecords(0, 1));
  const { reader, taken } = reading(broker);
  await reader.start();
  const [follower] = broker.followers;
  await reader.stop();
  expect(broker.followers).toEqual([]);
  follower?.records(plainRecords(1, 1));
  expect(taken).toEqual([0]);
});

test('it says whether all that is there now is taken in time', async () => {
  const broker = new OnePartition(plainRecords(0, 1));
  const { reader } = reading(broker);
  await reader.start();
  expect(await reader.caughtUp(0)).toBe(true);
  broker.records.push(...plainRecords(1, 1));
  expect(await reader.caughtUp(0)).toBe(false);
});

function fail([record]: readonly StoredRecord[]): void {
  if (record?.offset === 1) throw new Error('record 1 is broken');
}
