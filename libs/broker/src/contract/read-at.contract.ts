import { expect, test } from 'vitest';
import { type Broker, type Offset, READ_AT_BYTES } from '../broker.js';
import { OffsetOutOfRangeError } from '../errors.js';
import { freshTopic, range, record, textOf } from './under-test.js';

export function readAtContract(broker: () => Broker): void {
  /** `count` records, five an append, each of which says its offset. */
  async function numbered(count: number, bytes = 0): Promise<string> {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    for (let first = 0; first < count; first += 5) {
      const offsets = range(first, Math.min(first + 5, count));
      await producer.append(
        topic,
        0,
        offsets.map((offset) => record(`${offset}`.padEnd(bytes, '.'))),
      );
    }
    return topic;
  }
  const valuesAt = async (topic: string, offsets: readonly Offset[]) =>
    (await broker().readAt(topic, 0, offsets)).map(textOf);

  test('answers with the records at scattered offsets and with no other', async () => {
    const topic = await numbered(203);

    expect(await valuesAt(topic, [0, 1, 7, 60, 61, 199, 202])).toEqual([
      '0',
      '1',
      '7',
      '60',
      '61',
      '199',
      '202',
    ]);
    expect(await valuesAt(topic, [3])).toEqual(['3']);
    expect(await valuesAt(topic, [])).toEqual([]);
  });

  test('answers with a part of what is asked for when that is much, and goes on behind it', async () => {
    const topic = await numbered(60, 20_000);
    const wanted = range(0, 60).filter((offset) => offset % 2 === 0);
    const read: Offset[] = [];
    let answers = 0;

    while (read.length < wanted.length) {
      const records = await broker().readAt(topic, 0, wanted.slice(read.length));
      answers++;
      expect(records.length).toBeGreaterThan(0);
      read.push(...records.map(({ offset }) => offset));
    }

    expect(read).toEqual(wanted);
    expect(answers).toBeGreaterThan(1);
    expect(answers).toBeLessThanOrEqual(Math.ceil((30 * 20_000) / READ_AT_BYTES));
  });

  test('says so when a record was cut away, or is not there yet', async () => {
    const topic = await numbered(10);
    await broker().trim(topic, 0, 4);

    expect(await valuesAt(topic, [4, 9])).toEqual(['4', '9']);
    await expect(valuesAt(topic, [3, 4])).rejects.toBeInstanceOf(OffsetOutOfRangeError);
    await expect(valuesAt(topic, [9, 10])).rejects.toBeInstanceOf(OffsetOutOfRangeError);
    await expect(valuesAt(topic, [500])).rejects.toBeInstanceOf(OffsetOutOfRangeError);
  });
}
