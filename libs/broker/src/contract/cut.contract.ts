import { expect, test } from 'vitest';
import type { Broker } from '../broker.js';
import { OffsetOutOfRangeError } from '../errors.js';
import { freshTopic, readAll, record, textOf } from './under-test.js';

export function cutContract(broker: () => Broker): void {
  test('a cut makes everything in front of it unreadable', async () => {
    const topic = await abcdTopic(broker());

    await broker().trim(topic, 0, 3);

    expect(await broker().bounds(topic, 0)).toEqual({ start: 3, end: 5 });
    expect((await readAll(broker(), topic, 0, 3)).map(textOf)).toEqual(['d', 'e']);
    await expect(readAll(broker(), topic, 0, 2)).rejects.toBeInstanceOf(OffsetOutOfRangeError);
  });

  test('a cut is never taken back', async () => {
    const topic = await abcdTopic(broker());
    await broker().trim(topic, 0, 3);

    await broker().trim(topic, 0, 1);

    expect(await broker().bounds(topic, 0)).toEqual({ start: 3, end: 5 });
  });

  test('offsets go on after a partition was cut empty', async () => {
    const topic = await abcdTopic(broker());

    await broker().trim(topic, 0, 5);

    expect(await broker().bounds(topic, 0)).toEqual({ start: 5, end: 5 });
    expect(await readAll(broker(), topic, 0, 5)).toEqual([]);
    expect(
      await broker()
        .producer()
        .append(topic, 0, [record('f')]),
    ).toBe(5);
  });
}

/** Five records in three appends, so that a cut can fall inside one. */
async function abcdTopic(broker: Broker): Promise<string> {
  const topic = await freshTopic(broker);
  const producer = broker.producer();
  await producer.append(topic, 0, [record('a')]);
  await producer.append(topic, 0, [record('b'), record('c'), record('d')]);
  await producer.append(topic, 0, [record('e')]);
  return topic;
}
