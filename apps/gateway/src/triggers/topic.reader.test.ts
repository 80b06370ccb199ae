import { AppendTooLargeError, type GroupMember, type Membership, type StoredRecord } from '@interlock/broker';
import { notReady, Problem, TriggerLeftError } from '@interlock/commands';
import { afterEach, expect, test, vi } from 'vitest';
import { type Outcome, TopicReader } from './topic.reader.js';

type Answer = Exclude<Outcome, 'quarantined'> | Error;

const LEAVE_MS = 40;

/** A topic with one partition, its group, and what is to come of each record. */
class Stand {
  readonly taken: number[] = [];
  readonly aside: number[] = [];
  readonly counted: Outcome[] = [];
  readonly commits: number[] = [];
  readonly seeks: number[] = [];
  readonly paused: string[] = [];
  joins = 0;
  bounds = { start: 0, end: 10 };
  committed: number | undefined;
  /** Beside positions of other partitions. */
  metadata = '';
  answers = new Map<number, Answer[]>();
  /** What a record waits for before it is dealt with. */
  readonly holds = new Map<number, Promise<void>>();
  member: GroupMember | undefined;
  readonly reader: TopicReader;

  constructor(
    from: 'now' | 'beginning' = 'now',
    refusals = 0,
    public partitions = 1,
    againMs = 5,
  ) {
    const membership: Membership = {
      isAssigned: true,
      seek: (_topic, _partition, offset) => void this.seeks.push(offset),
      pause: () => void this.paused.push('pause'),
      resume: () => void this.paused.push('resume'),
      commit: async ([one]) => void this.commits.push(one?.position.offset ?? -1),
      leave: async () => undefined,
    };
    this.reader = new TopicReader(
      'orders',
      { name: 'shop', events: 'json', from },
      {
        broker: {
          join: async (_group, _topics, member) => {
            this.joins += 1;
            if (this.joins <= refusals) throw new Error('no such topic');
            this.member = member;
            setImmediate(() => member.assigned(this.partitions - 1));
            return membership;
          },
          partitions: async () => this.partitions,
          bounds: async () => this.bounds,
          committed: async (_group, _topic, partition) => {
            const offset = partition === this.partitions - 1 ? this.committed : 5;
            return offset === undefined ? undefined : { offset, metadata: this.metadata };
          },
        },
        take: async (_partition, { offset }) => {
          this.taken.push(offset);
          await this.holds.get(offset);
          const answer = this.answers.get(offset)?.shift() ?? 'started';
          if (answer instanceof Error) throw answer;
          return answer;
        },
        setAside: async (_partition, { offset }) => void this.aside.push(offset),
        count: (outcome) => void this.counted.push(outcome),
        log: { info: () => undefined, warn: () => undefined } as never,
      },
      againMs,
      5,
      LEAVE_MS,
    );
    this.reader.start();
  }

  async gives(...offsets: number[]): Promise<void> {
    await vi.waitFor(() => expect(this.seeks.length).toBeGreaterThan(0));
    const records = offsets.map((offset): StoredRecord => ({ offset, key: '', headers: {}, value: null }));
    this.member?.records('shop', 0, records);
  }
}

let stand: Stand;
afterEach(() => stand.reader.stop());

test('where reading begins is committed before anything is read', async () => {
  stand = new Stand();
  await stand.gives();
  expect([stand.commits, stand.seeks]).toEqual([[10], [10]]);
  await stand.reader.stop();
  stand = new Stand('beginning');
  await stand.gives();
  expect([stand.commits, stand.seeks]).toEqual([[0], [0]]);
});

test('reading goes on where it was committed, and at the beginning where that is gone', async () => {
  stand = new Stand();
  stand.committed = 4;
  await stand.gives();
  expect([stand.commits, stand.seeks]).toEqual([[], [4]]);
  await stand.reader.stop();
  stand = new Stand();
  stand.committed = 4;
  stand.bounds = { start: 6, end: 10 };
  await stand.gives();
  expect(stand.seeks).toEqual([6]);
});

test('a partition that the topic is given later is read from its first record on', async () => {
  stand = new Stand();
  await stand.gives();
  expect(stand.seeks).toEqual([10]);
  stand.metadata = 'of 1';
  stand.partitions = 2;
  stand.bounds = { start: 0, end: 7 };
  await vi.waitFor(() => expect(stand.seeks).toEqual([10, 0]));
  expect([stand.joins, stand.commits]).toEqual([2, [10, 0]]);
});

test('a topic that was made anew while it was read is read from its first record on', async () => {
  stand = new Stand();
  await stand.gives();
  expect(stand.seeks).toEqual([10]);
  stand.bounds = { start: 0, end: 3 };
  stand.member?.failed(new Error('offset 10 is outside'));
  await vi.waitFor(() => expect(stand.seeks).toEqual([10, 0]));
});

test('where nobody has read a topic of many partitions, reading begins behind what each of them holds', async () => {
  stand = new Stand('now', 0, 3);
  await stand.gives();
  expect(stand.seeks).toEqual([10]);
});

test('what leads to nothing is set aside, and reading goes on behind it', async () => {
  stand = new Stand('beginning');
  stand.answers.set(1, [new Problem('refused', 'no JSON')]);
  stand.answers.set(2, ['ignored']);
  await stand.gives(0, 1, 2, 3);
  await vi.waitFor(() => expect(stand.commits.at(-1)).toBe(4));
  expect([stand.aside, stand.counted]).toEqual([[1], ['started', 'quarantined', 'ignored', 'started']]);
});

test('what is too large for the log, and always will be, is set aside too', async () => {
  stand = new Stand('beginning');
  stand.answers.set(0, [new AppendTooLargeError('run.commands', 2_000_000, 1_000_000)]);
  await stand.gives(0, 1);
  await vi.waitFor(() => expect(stand.commits.at(-1)).toBe(2));
  expect([stand.taken, stand.aside]).toEqual([[0, 1], [0]]);
});

test('what cannot be dealt with now is tried again, and holds back what comes behind it', async () => {
  stand = new Stand('beginning');
  stand.answers.set(0, [notReady('the log does not answer'), new Error('no leader')]);
  await stand.gives(0, 1);
  await vi.waitFor(() => expect(stand.commits.at(-1)).toBe(2));
  expect([stand.taken, stand.aside]).toEqual([[0, 0, 0, 1], []]);
});

test('a record that is let go of is not committed: the next one who holds the partition takes it', async () => {
  stand = new Stand('beginning');
  stand.answers.set(
    1,
    Array.from({ length: 99 }, () => notReady('the log does not answer')),
  );
  await stand.gives(0, 1, 2);
  await vi.waitFor(() => expect(stand.taken).toContain(1));
  await stand.member?.revoked(0);
  expect(stand.commits.every((offset) => offset <= 1)).toBe(true);
  expect(stand.taken).not.toContain(2);
});

test('a record that waits to be tried again holds up no rebalance', async () => {
  stand = new Stand('beginning', 0, 1, 60_000);
  stand.answers.set(0, [notReady('the log does not answer')]);
  await stand.gives(0, 1);
  await vi.waitFor(() => expect(stand.taken).toEqual([0]));
  await stand.member?.revoked(0);
  expect([stand.taken, stand.commits]).toEqual([[0], [0]]);
});

test('a record that is dealt with for long holds up no rebalance either, and is committed by nobody who has left', async () => {
  stand = new Stand('beginning');
  const done = Promise.withResolvers<void>();
  stand.holds.set(0, done.promise);
  await stand.gives(0, 1);
  await vi.waitFor(() => expect(stand.taken).toEqual([0]));
  await stand.member?.revoked(0);
  done.resolve();
  await vi.waitFor(() => expect(stand.counted).toEqual(['started']));
  expect([stand.taken, stand.commits]).toEqual([[0], [0]]);
});

test('a trigger that reads something else by now takes nothing more', async () => {
  stand = new Stand('beginning');
  stand.answers.set(0, [new TriggerLeftError('orders')]);
  await stand.gives(0, 1);
  await vi.waitFor(() => expect(stand.taken).toEqual([0]));
  expect(stand.commits).toEqual([0]);
});

test('a topic that is not there yet is asked for again', async () => {
  stand = new Stand('beginning', 1);
  await vi.waitFor(() => expect(stand.joins).toBe(2));
  await stand.gives(0);
  await vi.waitFor(() => expect(stand.commits.at(-1)).toBe(1));
});

test('many that wait are not fetched further until they are dealt with', async () => {
  stand = new Stand('beginning');
  await stand.gives(...Array.from({ length: 1_200 }, (_, at) => at));
  await vi.waitFor(() => expect(stand.commits.at(-1)).toBe(1_200));
  expect(stand.paused).toEqual(['pause', 'resume']);
});
