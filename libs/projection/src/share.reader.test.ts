import type { GroupMember, Membership, StoredRecord } from '@interlock/broker';
import { expect, test } from 'vitest';
import { plainRecords } from '../test/fenced.log.js';
import { type CommittedPlace, type SharedPartition, ShareReader, type ShareSource } from './share.reader.js';

class Place implements SharedPartition {
  next = 0;
  readonly taken: number[] = [];
  isClosed = false;
  constructor(
    readonly partition: number,
    readonly source: ShareSource,
  ) {}
  records(_topic: string, records: readonly StoredRecord[]): void {
    this.taken.push(...records.map(({ offset }) => offset));
  }
  positions(): readonly CommittedPlace[] {
    if (this.next === 0) return [];
    return [{ topic: 'topic', partition: this.partition, position: { offset: this.next, metadata: '' } }];
  }
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** A group of one member, with what it was asked. */
async function joined({ failing = false } = {}) {
  const asked: string[] = [];
  const timers: (() => void)[] = [];
  const uncommitted: unknown[] = [];
  let isFailing = failing;
  const membership: Membership = {
    isAssigned: true,
    seek: (topic, partition, offset) => void asked.push(`seek ${topic}/${partition} ${offset}`),
    pause: (topic, partition) => void asked.push(`pause ${topic}/${partition}`),
    resume: (topic, partition) => void asked.push(`resume ${topic}/${partition}`),
    async commit(positions) {
      if (isFailing) throw new Error('no leader');
      for (const { partition, position } of positions) asked.push(`commit ${partition} ${position.offset}`);
    },
    leave: async () => void asked.push('leave'),
  };
  const broker = {
    async join(_group: string, _topics: readonly string[], member: GroupMember) {
      member.assigned(0);
      return membership;
    },
  };
  const scheduler = {
    after(_ms: number, task: () => void) {
      timers.push(task);
      return () => undefined;
    },
  };
  const share = new ShareReader(
    { broker, scheduler, uncommitted: (error) => uncommitted.push(error), dead: () => undefined },
    'group',
    ['topic'],
    (partition, source) => new Place(partition, source),
  );
  await share.start();
  const [place] = share.partitions;
  if (place === undefined) throw new Error('the partition that was assigned early was lost');
  return { share, place, asked, timers, uncommitted, recover: () => (isFailing = false) };
}

test('a partition that is assigned before the group has answered is opened then, and reads where it seeks', async () => {
  const { share, place, asked } = await joined();
  place.source.seek('topic', 7);
  share.records('topic', 0, plainRecords(7, 2));
  share.records('topic', 1, plainRecords(0, 1));
  expect(asked).toEqual(['seek topic/0 7']);
  expect(place.taken).toEqual([7, 8]);
});

test('what is new is committed, and the same position only once', async () => {
  const { place, asked, timers } = await joined();
  place.next = 3;
  timers.shift()?.();
  await expect.poll(() => timers).toHaveLength(1);
  timers.shift()?.();
  await expect.poll(() => timers).toHaveLength(1);
  expect(asked).toEqual(['commit 0 3']);
});

test('what could not be committed is committed the next time', async () => {
  const { share, place, asked, uncommitted, recover } = await joined({ failing: true });
  place.next = 3;
  await share.commit();
  expect(uncommitted).toHaveLength(1);
  recover();
  await share.commit();
  expect(asked).toEqual(['commit 0 3']);
});

test('a partition that is taken away is closed and committed before it is let go', async () => {
  const { share, place, asked } = await joined();
  place.next = 5;
  await share.revoked(0);
  expect(place.isClosed).toBe(true);
  expect(asked).toEqual(['commit 0 5']);
  expect(share.partitions).toEqual([]);
});

test('a share that stops closes and commits everything, and leaves the group', async () => {
  const { share, place, asked } = await joined();
  place.next = 2;
  await share.stop();
  expect(place.isClosed).toBe(true);
  expect(asked).toEqual(['commit 0 2', 'leave']);
  share.records('topic', 0, plainRecords(0, 1));
  expect(place.taken).toEqual([]);
});
