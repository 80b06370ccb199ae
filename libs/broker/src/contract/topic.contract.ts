import { expect, test } from 'vitest';
import type { Broker } from '../broker.js';
import { TopicMismatchError, UnknownTopicError } from '../errors.js';
import { freshTopic, record, topicSpec } from './under-test.js';

export function topicContract(broker: () => Broker): void {
  test('creates missing topics with the partition count asked for, global ones with one', async () => {
    const run = topicSpec();
    const global = topicSpec({ scope: 'global' });

    await broker().createTopics([run, global], 4);

    expect(await broker().partitions(run.name)).toBe(4);
    expect(await broker().partitions(global.name)).toBe(1);
    expect(await broker().bounds(run.name, 3)).toEqual({ start: 0, end: 0 });
  });

  test('creating a topic again changes nothing', async () => {
    const topic = topicSpec();
    const other = topicSpec();
    await broker().createTopics([topic], 2);
    await broker()
      .producer()
      .append(topic.name, 1, [record('kept')]);

    await broker().createTopics([topic, other], 2);

    expect(await broker().bounds(topic.name, 1)).toEqual({ start: 0, end: 1 });
    expect(await broker().partitions(other.name)).toBe(2);
  });

  test('refuses another partition count for a topic that exists', async () => {
    const topic = topicSpec();
    await broker().createTopics([topic], 2);

    await expect(broker().createTopics([topic], 3)).rejects.toBeInstanceOf(TopicMismatchError);
    expect(await broker().unwritable(topic.name)).toBeUndefined();
    expect(await broker().partitions(topic.name)).toBe(2);
  });

  test('an append to a topic or partition that does not exist writes nothing', async () => {
    const producer = broker().producer();
    const topic = await freshTopic(broker(), 2);

    await expect(producer.append(topicSpec().name, 0, [record('a')])).rejects.toBeInstanceOf(
      UnknownTopicError,
    );
    await expect(producer.append(topic, 2, [record('a')])).rejects.toBeInstanceOf(UnknownTopicError);
    expect(await producer.append(topic, 1, [record('b')])).toBe(0);
  });
}
