import { expect, test } from 'vitest';
import type { Broker } from '../broker.js';
import { OffsetOutOfRangeError } from '../errors.js';
import { freshTopic, range, readAll, record, textOf } from './under-test.js';

export function readContract(broker: () => Broker): void {
  test('an empty partition reads as nothing', async () => {
    const topic = await freshTopic(broker());

    expect(await readAll(broker(), topic)).toEqual([]);
  });

  test('reads from any offset, also from the middle of an append', async () => {
    const topic = await freshTopic(broker());
    await broker()
      .producer()
      .append(
        topic,
        0,
        ['a', 'b', 'c', 'd'].map((value) => record(value)),
      );

    expect((await readAll(broker(), topic, 0, 2)).map(textOf)).toEqual(['c', 'd']);
    expect((await readAll(broker(), topic, 0, 2)).map(({ offset }) => offset)).toEqual([2, 3]);
    expect(await readAll(broker(), topic, 0, 4)).toEqual([]);
  });

  test('does not read past the end', async () => {
    const topic = await freshTopic(broker());
    await broker()
      .producer()
      .append(topic, 0, [record('a')]);

    await expect(readAll(broker(), topic, 0, 2)).rejects.toBeInstanceOf(OffsetOutOfRangeError);
  });

  test('stops at the end as it was when the read began', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    await producer.append(topic, 0, [record('a'), record('b')]);
    const reading = broker().read(topic, 0, 0)[Symbol.asyncIterator]();
    const seen = [...((await reading.next()).value ?? [])];

    await producer.append(topic, 0, [record('after')]);
    for (let next = await reading.next(); !next.done; next = await reading.next()) seen.push(...next.value);

    expect(seen.map(textOf)).toEqual(['a', 'b']);
  });

  test('reads a long partition whole, in order', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    const value = 'x'.repeat(20_000);
    for (const at of range(0, 10)) {
      await producer.append(
        topic,
        0,
        range(0, 25).map((within) => record(value, `${at * 25 + within}`)),
      );
    }

    const stored = await readAll(broker(), topic);

    expect(stored.map(({ offset }) => offset)).toEqual(range(0, 250));
    expect(stored.map(({ key }) => key)).toEqual(range(0, 250).map(String));
    expect(stored.every((one) => textOf(one) === value)).toBe(true);
  });

  test('reads an append of many small records whole', async () => {
    const topic = await freshTopic(broker());
    const count = 2_000;
    await broker()
      .producer()
      .append(
        topic,
        0,
        range(0, count).map((at) => record(`${at}`)),
      );

    expect((await readAll(broker(), topic)).map(textOf)).toEqual(range(0, count).map(String));
  });

  test('bounds name the first readable offset and the next free one', async () => {
    const topic = await freshTopic(broker(), 2);
    await broker()
      .producer()
      .append(topic, 1, [record('a'), record('b')]);

    expect(await broker().bounds(topic, 0)).toEqual({ start: 0, end: 0 });
    expect(await broker().bounds(topic, 1)).toEqual({ start: 0, end: 2 });
  });
}
