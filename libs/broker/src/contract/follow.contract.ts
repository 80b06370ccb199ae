import { expect, test } from 'vitest';
import type { Broker } from '../broker.js';
import { RecordingFollower } from './recorder.js';
import { freshTopic, range, record } from './under-test.js';

export function followContract(broker: () => Broker): void {
  test('a follower gets what is there and what comes, once and in order', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    for (const at of range(0, 10)) await producer.append(topic, 0, [record(`${at}`), record(`${at}'`)]);
    const follower = new RecordingFollower();

    const following = await broker().follow(topic, 0, 3, follower);
    for (const at of range(10, 20)) await producer.append(topic, 0, [record(`${at}`)]);
    await follower.until(() => follower.seen.length >= 27);

    expect(follower.seen.map(({ offset }) => offset)).toEqual(range(3, 30));
    await following.stop();
  });

  test('a follower that joins while appends are under way misses none', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    const follower = new RecordingFollower();

    const first = Promise.all(range(0, 50).map((at) => producer.append(topic, 0, [record(`${at}`)])));
    const following = await broker().follow(topic, 0, 0, follower);
    const second = Promise.all(range(50, 100).map((at) => producer.append(topic, 0, [record(`${at}`)])));
    await Promise.all([first, second]);
    await follower.until(() => follower.seen.length >= 100);

    expect(follower.seen.map(({ offset }) => offset)).toEqual(range(0, 100));
    await following.stop();
  });

  test('two followers from the end both get what comes', async () => {
    const topic = await freshTopic(broker(), 2);
    const producer = broker().producer();
    await producer.append(topic, 1, [record('old')]);
    const followers = [new RecordingFollower(), new RecordingFollower()];
    const following = await Promise.all(followers.map((one) => broker().follow(topic, 1, 1, one)));

    await producer.append(topic, 0, [record('elsewhere')]);
    await producer.append(topic, 1, [record('new')]);

    for (const one of followers) {
      await one.until(() => one.seen.length >= 1);
      expect(one.seen.map(({ offset }) => offset)).toEqual([1]);
    }
    await Promise.all(following.map((one) => one.stop()));
  });

  test('a follower that has stopped gets nothing any more', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    const stopped = new RecordingFollower();
    const witness = new RecordingFollower();
    const following = await broker().follow(topic, 0, 0, stopped);
    const witnessing = await broker().follow(topic, 0, 0, witness);
    await producer.append(topic, 0, [record('a')]);
    await stopped.until(() => stopped.seen.length === 1);

    await following.stop();
    await producer.append(topic, 0, [record('b')]);
    await witness.until(() => witness.seen.length === 2);

    expect(stopped.seen).toHaveLength(1);
    await witnessing.stop();
  });
}
