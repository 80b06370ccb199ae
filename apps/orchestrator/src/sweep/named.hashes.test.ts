import type { StoredRecord } from '@interlock/broker';
import { sha256 } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { hashesNamed } from './named.hashes.js';

const [one, two, three] = ['one', 'two', 'three'].map((text) => sha256(text)) as [string, string, string];
const record = (offset: number, key: string, value: string | null): StoredRecord => ({
  offset,
  key,
  headers: {},
  value: value === null ? null : Buffer.from(value),
});

/** A log that begins at 5, in batches of one record. */
const logOf = (...records: readonly StoredRecord[]) => ({
  bounds: async () => ({ start: 5, end: 5 + records.length }),
  read: async function* (_topic: string, _partition: number, from: number) {
    for (const each of records) if (each.offset >= from) yield [each];
  },
});

test('whatever holds a hash names it, for the family whose record it is', async () => {
  const log = logOf(
    record(4, 'a', `{"outputRef":{"hash":"${three}"}}`),
    record(5, 'a', `{"outputRef":{"hash":"${one}","size":1}}`),
    record(6, 'b', `no JSON ${two} of another family`),
    record(7, 'a', null),
  );
  const named = new Map<string, Set<string>>();
  const wanted = new Map([['a', new Set([one, two, three])]]);
  await hashesNamed(log, { topic: 'run.events', partition: 0 }, wanted, named);
  expect(named).toEqual(new Map([['a', new Set([one])]]));
});

test('a log that cannot be read to its end names nothing, and whoever asked is told', async () => {
  const log = {
    ...logOf(),
    // biome-ignore lint/correctness/useYield: it fails before the first
    read: async function* (): AsyncGenerator<StoredRecord[]> {
      throw new Error('cut meanwhile');
    },
  };
  const asked = hashesNamed(log, { topic: 't', partition: 0 }, new Map([['a', new Set([one])]]), new Map());
  await expect(asked).rejects.toThrow('cut meanwhile');
});
