import { expect, test } from 'vitest';
import { APPEND_BYTES_MAX, type Broker, type NewRecord, type Producer } from '../broker.js';
import { AppendTooLargeError, OutcomeUnknownError } from '../errors.js';
import { freshTopic, range, readAll, record, textOf } from './under-test.js';

export function appendContract(broker: () => Broker): void {
  test('answers with the offset of the first record, and offsets have no gaps', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();

    expect(await producer.append(topic, 0, [record('a'), record('b'), record('c')])).toBe(0);
    expect(await producer.append(topic, 0, [record('d')])).toBe(3);
    expect(await producer.append(topic, 0, [record('e'), record('f')])).toBe(4);

    const stored = await readAll(broker(), topic);
    expect(stored.map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(stored.map(({ offset }) => offset)).toEqual(range(0, 6));
  });

  test('partitions count their offsets apart', async () => {
    const topic = await freshTopic(broker(), 2);
    const producer = broker().producer();

    expect(await producer.append(topic, 0, [record('a'), record('b')])).toBe(0);
    expect(await producer.append(topic, 1, [record('c')])).toBe(0);

    expect((await readAll(broker(), topic, 0)).map(textOf)).toEqual(['a', 'b']);
    expect((await readAll(broker(), topic, 1)).map(textOf)).toEqual(['c']);
  });

  test('appends of one producer become readable in the order of the calls', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();

    const offsets = await Promise.all(
      range(0, 40).map((at) => producer.append(topic, 0, [record(`${at}`), record(`${at}'`)])),
    );

    expect(offsets).toEqual(range(0, 40).map((at) => at * 2));
    const values = (await readAll(broker(), topic)).map(textOf);
    expect(values).toEqual(range(0, 40).flatMap((at) => [`${at}`, `${at}'`]));
  });

  test('the records of one append stay together while two producers append at once', async () => {
    const topic = await freshTopic(broker());
    const work = async (producer: Producer, name: string): Promise<Map<number, string>> => {
      const answers = new Map<number, string>();
      for (const at of range(0, 25)) {
        const offset = await producer.append(topic, 0, [record(`${name}${at}.0`), record(`${name}${at}.1`)]);
        answers.set(offset, `${name}${at}`);
      }
      return answers;
    };

    const [first, second] = await Promise.all([
      work(broker().producer(), 'a'),
      work(broker().producer(), 'b'),
    ]);

    const values = (await readAll(broker(), topic)).map(textOf);
    expect(values).toHaveLength(100);
    for (const [offset, name] of [...first, ...second]) {
      expect(values.slice(offset, offset + 2)).toEqual([`${name}.0`, `${name}.1`]);
    }
  });

  test('keys, headers and values come back byte for byte, and no value is not an empty value', async () => {
    const topic = await freshTopic(broker());
    const everyByte = Uint8Array.from(range(0, 256));
    const written: NewRecord[] = [
      { key: 'Grüße 你好', headers: { t: everyByte, empty: new Uint8Array(0) }, value: everyByte },
      { key: 'no value', headers: { h: Buffer.from('x') }, value: null },
      { key: 'empty value', headers: {}, value: new Uint8Array(0) },
      { key: 'a view', headers: {}, value: everyByte.subarray(10, 20) },
    ];

    await broker().producer().append(topic, 0, written);

    expect((await readAll(broker(), topic)).map(plain)).toEqual(written.map(plain));
  });

  test('what the author does to its buffers after the answer changes nothing', async () => {
    const topic = await freshTopic(broker());
    const value = Buffer.from('before');

    await broker()
      .producer()
      .append(topic, 0, [{ key: 'k', headers: {}, value }]);
    value.fill('x');

    expect((await readAll(broker(), topic)).map(textOf)).toEqual(['before']);
  });

  test('takes an append of the largest size', async () => {
    const topic = await freshTopic(broker());
    const value = Buffer.alloc(APPEND_BYTES_MAX - 1, 7);

    await broker()
      .producer()
      .append(topic, 0, [{ key: 'k', headers: {}, value }]);

    expect((await readAll(broker(), topic))[0]?.value?.length).toBe(value.length);
  });

  test('refuses an append over the limit whole', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    const half = { key: 'k', headers: {}, value: Buffer.alloc(APPEND_BYTES_MAX / 2) };

    await expect(producer.append(topic, 0, [half, half])).rejects.toBeInstanceOf(AppendTooLargeError);

    expect(await broker().bounds(topic, 0)).toEqual({ start: 0, end: 0 });
    expect(await producer.append(topic, 0, [half])).toBe(0);
  });

  test('a closed producer leaves no append without an end, and takes no other', async () => {
    const topic = await freshTopic(broker());
    const producer = broker().producer();
    const ends = Promise.allSettled(range(0, 8).map((at) => producer.append(topic, 0, [record(`${at}`)])));

    await producer.close();

    for (const end of await ends) {
      if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(OutcomeUnknownError);
    }
    await expect(producer.append(topic, 0, [record('late')])).rejects.toThrow();
    await broker()
      .producer()
      .append(topic, 0, [record('by another')]);
    const values = (await readAll(broker(), topic)).map(textOf);
    expect(values).toContain('by another');
    expect(values).not.toContain('late');
  });
}

function plain({ key, headers, value }: NewRecord) {
  const bytes = Object.entries(headers).map(([name, header]) => [name, [...header]]);
  return { key, headers: Object.fromEntries(bytes), value: value && [...value] };
}
