import { expect, test } from 'vitest';
import type { Broker, Membership } from '../broker.js';
import { RecordingMember } from './recorder.js';
import { freshGroup, freshTopic, range, record, textOf } from './under-test.js';

const PARTITIONS = 4;

/** What several members of one group may rely on. */
export function groupContract(broker: () => Broker): void {
  test('two members divide the partitions; the same number of every topic goes to the same member', async () => {
    const topics = [await freshTopic(broker(), PARTITIONS), await freshTopic(broker(), PARTITIONS)];
    const { first, second, leave } = await pair(broker(), topics);

    await settled(first, second);

    expect(first.held.size).toBe(2);
    expect(second.held.size).toBe(2);
    const producer = broker().producer();
    for (const topic of topics) {
      for (const partition of range(0, PARTITIONS)) await producer.append(topic, partition, [record(topic)]);
    }
    for (const member of [first, second]) {
      await member.until(() => member.seen.length >= 4);
      expect(new Set(member.seen.map(({ partition }) => partition))).toEqual(member.held);
      expect(member.seen.every((one) => one.topic === textOf(one.record))).toBe(true);
    }
    await leave();
  });

  test('a partition goes to its next member only after the last one has let go of it', async () => {
    const topic = await freshTopic(broker(), PARTITIONS);
    const first = new RecordingMember();
    const second = new RecordingMember();
    const workedOnBoth: number[] = [];
    second.onAssigned = (partition) => {
      if (first.held.has(partition)) workedOnBoth.push(partition);
    };
    let letGo = () => {};
    const allowed = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    first.onRevoked = () => allowed;
    const group = freshGroup();
    const memberships = [await first.join(broker(), group, [topic])];
    await first.until(() => first.held.size === PARTITIONS);

    const joining = second.join(broker(), group, [topic]);
    await first.until(() => first.revocations.length > 0);
    await turns(broker());
    expect(second.held.size).toBe(0);
    letGo();
    memberships.push(await joining);
    await settled(first, second);

    expect(workedOnBoth).toEqual([]);
    for (const membership of memberships) await membership.leave();
  });

  test('a member knows when the group has given it its share, even an empty one', async () => {
    const topic = await freshTopic(broker(), 1);
    const group = freshGroup();
    const members = [new RecordingMember(), new RecordingMember()];
    const memberships: Membership[] = [];
    for (const member of members) {
      const membership = await member.join(broker(), group, [topic]);
      memberships.push(membership);
      while (!membership.isAssigned) await turns(broker());
    }
    await turns(broker());
    expect(members.filter(({ held }) => held.size > 0)).toHaveLength(1);
    for (const membership of memberships) await membership.leave();
  });

  test('a partition that is kept is neither revoked nor assigned again', async () => {
    const topic = await freshTopic(broker(), PARTITIONS);
    const { first, second, leave } = await pair(broker(), [topic]);

    await settled(first, second);

    for (const kept of first.held) {
      expect(first.revocations).not.toContain(kept);
      expect(first.assignments.filter((partition) => partition === kept)).toHaveLength(1);
    }
    await leave();
  });

  test('a member that leaves gives its partitions to the other, and no record is lost', async () => {
    const topic = await freshTopic(broker(), PARTITIONS);
    const { first, second, memberships } = await pair(broker(), [topic]);
    await settled(first, second);
    const producer = broker().producer();

    await memberships[0]?.leave();
    for (const partition of range(0, PARTITIONS)) await producer.append(topic, partition, [record('after')]);
    await second.until(() => second.held.size === PARTITIONS && second.seen.length >= PARTITIONS);

    expect(first.held.size).toBe(0);
    expect(new Set(second.seen.map(({ partition }) => partition)).size).toBe(PARTITIONS);
    await memberships[1]?.leave();
  });

  test('leaving waits until everything held is let go of', async () => {
    const topic = await freshTopic(broker(), PARTITIONS);
    const member = new RecordingMember();
    const membership = await member.join(broker(), freshGroup(), [topic]);
    await member.until(() => member.held.size === PARTITIONS);
    const order: string[] = [];
    let letGo = () => {};
    const allowed = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    member.onRevoked = () => allowed.then(() => void order.push('let go'));

    const leaving = membership.leave().then(() => order.push('left'));
    await member.until(() => member.revocations.length > 0);
    await turns(broker());
    expect(order).toEqual([]);
    letGo();
    await leaving;

    expect(order).toEqual([...range(0, PARTITIONS).map(() => 'let go'), 'left']);
  });

  test('groups do not divide partitions with one another', async () => {
    const topic = await freshTopic(broker(), 2);
    const members = [new RecordingMember(), new RecordingMember()];
    const memberships = await Promise.all(members.map((one) => one.join(broker(), freshGroup(), [topic])));
    await Promise.all(members.map((one) => one.until(() => one.held.size === 2)));
    for (const one of members) one.seek(topic, 1, 0);

    await broker()
      .producer()
      .append(topic, 1, [record('to both')]);

    await Promise.all(members.map((one) => one.until(() => one.seen.length === 1)));
    await Promise.all(memberships.map((one) => one.leave()));
  });
}

/** Long enough for a broker that does not wait to go on: several answers of its own. */
async function turns(broker: Broker): Promise<void> {
  const topic = await freshTopic(broker);
  const producer = broker.producer();
  for (const at of range(0, 5)) await producer.append(topic, 0, [record(`${at}`)]);
}

/** Two members of one group, each of which reads every partition it is given from the start. */
async function pair(broker: Broker, topics: readonly string[]) {
  const group = freshGroup();
  const members = [new RecordingMember(), new RecordingMember()] as const;
  const memberships: Membership[] = [];
  for (const member of members) {
    member.onAssigned = (partition) => {
      for (const topic of topics) member.seek(topic, partition, 0);
    };
    memberships.push(await member.join(broker, group, topics));
    // The second member joins while the first one works.
    if (member === members[0]) await member.until(() => member.held.size === PARTITIONS);
  }
  const leave = async () => {
    for (const membership of memberships) await membership.leave();
  };
  return { first: members[0], second: members[1], memberships, leave };
}

/** Every partition is held by exactly one of the two, and each holds half. */
async function settled(first: RecordingMember, second: RecordingMember): Promise<void> {
  const half = PARTITIONS / 2;
  await second.until(() => second.held.size === half);
  await first.until(() => first.held.size === half);
  expect(new Set([...first.held, ...second.held]).size).toBe(PARTITIONS);
}
