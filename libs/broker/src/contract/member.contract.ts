import { expect, test } from 'vitest';
import type { Broker } from '../broker.js';
import { RecordingFollower, RecordingMember } from './recorder.js';
import { freshGroup, freshTopic, range, record } from './under-test.js';

/** What one member alone may rely on. */
export function memberContract(broker: () => Broker): void {
  test('a single member is given every partition number once, whatever the number of topics', async () => {
    const topics = [await freshTopic(broker(), 3), await freshTopic(broker(), 3)];
    const member = new RecordingMember();

    const membership = await member.join(broker(), freshGroup(), topics);
    await member.until(() => member.held.size === 3);

    expect([...member.assignments].sort()).toEqual([0, 1, 2]);
    await membership.leave();
    expect([...member.revocations].sort()).toEqual([0, 1, 2]);
  });

  test('nothing of a topic arrives before it is sought, and then all of it does', async () => {
    const [sought, other] = [await freshTopic(broker(), 2), await freshTopic(broker(), 2)];
    const producer = broker().producer();
    const member = new RecordingMember();
    const membership = await member.join(broker(), freshGroup(), [sought, other]);
    await member.until(() => member.held.size === 2);

    member.seek(sought, 1, 0);
    await producer.append(other, 1, [record('not yet')]);
    await producer.append(sought, 1, [record('a')]);
    await member.until(() => member.offsets(sought, 1).length === 1);

    expect(member.offsets(other, 1)).toEqual([]);
    member.seek(other, 1, 0);
    await member.until(() => member.offsets(other, 1).length === 1);
    await membership.leave();
  });

  test('delivers from the offset sought through to what is appended later', async () => {
    const { topic, member, membership } = await single(broker());
    const producer = broker().producer();
    for (const at of range(0, 10)) await producer.append(topic, 0, [record(`${at}`), record(`${at}'`)]);

    member.seek(topic, 0, 5);
    for (const at of range(10, 20)) await producer.append(topic, 0, [record(`${at}`)]);
    await member.until(() => member.seen.length >= 25);

    expect(member.offsets(topic)).toEqual(range(5, 30));
    await membership.leave();
  });

  test('a seek back delivers again from there, and drops what was under way', async () => {
    const { topic, member, membership } = await single(broker());
    const producer = broker().producer();
    for (const at of range(0, 30)) await producer.append(topic, 0, [record(`${at}`)]);
    let sought = 0;
    member.onRecords = () => {
      if (sought++ < 3) member.seek(topic, 0, sought);
    };

    member.seek(topic, 0, 0);
    const appending = Promise.all(range(30, 60).map((at) => producer.append(topic, 0, [record(`${at}`)])));
    await member.until(() => sought > 3 && member.offsets(topic).at(-1) === 59);
    await appending;

    expect(new Set(member.offsets(topic)).size).toBe(60);
    await membership.leave();
  });

  test('a seek ahead skips', async () => {
    const { topic, member, membership } = await single(broker());
    const producer = broker().producer();
    await producer.append(
      topic,
      0,
      range(0, 10).map((at) => record(`${at}`)),
    );

    member.seek(topic, 0, 10);
    await producer.append(topic, 0, [record('ten')]);
    await member.until(() => member.seen.length === 1);

    expect(member.offsets(topic)).toEqual([10]);
    await membership.leave();
  });

  test('a paused partition delivers nothing until it is resumed, then everything', async () => {
    const { topic, member, membership } = await single(broker(), 2);
    const producer = broker().producer();
    member.seek(topic, 0, 0);
    member.seek(topic, 1, 0);
    await producer.append(topic, 0, [record('a')]);
    await member.until(() => member.offsets(topic, 0).length === 1);

    membership.pause(topic, 0);
    const witness = new RecordingFollower();
    const witnessing = await broker().follow(topic, 0, 0, witness);
    for (const at of range(0, 10)) await producer.append(topic, 0, [record(`${at}`)]);
    await producer.append(topic, 1, [record('beside it')]);
    await member.until(() => member.offsets(topic, 1).length === 1);
    await witness.until(() => witness.seen.length === 11);
    expect(member.offsets(topic, 0)).toEqual([0]);

    membership.resume(topic, 0);
    await member.until(() => member.offsets(topic, 0).length === 11);
    expect(member.offsets(topic, 0)).toEqual(range(0, 11));
    await Promise.all([membership.leave(), witnessing.stop()]);
  });

  test('a pause while much is still to come holds the rest back, and nothing is lost or repeated', async () => {
    const { topic, member, membership } = await single(broker(), 2);
    const producer = broker().producer();
    const value = 'x'.repeat(40_000);
    for (const at of range(0, 100)) await producer.append(topic, 0, [record(value, `${at}`)]);
    let seenAtPause = 0;
    member.onRecords = (_topic, partition) => {
      if (partition !== 0 || seenAtPause > 0) return;
      membership.pause(topic, 0);
      seenAtPause = member.offsets(topic, 0).length;
    };

    member.seek(topic, 1, 0);
    member.seek(topic, 0, 0);
    member.seek(topic, 0, 0);
    await member.until(() => seenAtPause > 0);
    for (const at of range(0, 5)) await producer.append(topic, 1, [record(`${at}`)]);
    await member.until(() => member.offsets(topic, 1).length === 5);
    expect(member.offsets(topic, 0)).toHaveLength(seenAtPause);

    membership.resume(topic, 0);
    await producer.append(topic, 0, [record('last')]);
    await member.until(() => member.offsets(topic, 0).length === 101);
    expect(member.offsets(topic, 0)).toEqual(range(0, 101));
    await membership.leave();
  });

  test('what a group commits can be read by all, is kept apart by group, and starts nobody', async () => {
    const { topic, group, member, membership } = await single(broker(), 2);
    const producer = broker().producer();
    await producer.append(topic, 1, [record('a'), record('b'), record('c')]);
    expect(await broker().committed(group, topic, 1)).toBeUndefined();

    await membership.commit([{ topic, partition: 1, position: { offset: 1, metadata: '{"epoch":0}' } }]);
    await membership.commit([{ topic, partition: 1, position: { offset: 2, metadata: '{"epoch":7}' } }]);

    expect(await broker().committed(group, topic, 1)).toEqual({ offset: 2, metadata: '{"epoch":7}' });
    expect(await broker().committed(group, topic, 0)).toBeUndefined();
    expect(await broker().committed(freshGroup(), topic, 1)).toBeUndefined();
    member.seek(topic, 1, 0);
    await member.until(() => member.offsets(topic, 1).length === 3);
    await membership.leave();
    expect(await broker().committed(group, topic, 1)).toEqual({ offset: 2, metadata: '{"epoch":7}' });
  });

  test('topics of one partition have partition 0', async () => {
    const { member, membership } = await single(broker());

    expect([...member.held]).toEqual([0]);
    await membership.leave();
  });
}

async function single(broker: Broker, partitions = 1) {
  const topic = await freshTopic(broker, partitions);
  const group = freshGroup();
  const member = new RecordingMember();
  const membership = await member.join(broker, group, [topic]);
  await member.until(() => member.held.size === partitions);
  return { topic, group, member, membership };
}
