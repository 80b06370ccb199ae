import {
  APPEND_BYTES_MAX,
  AppendTooLargeError,
  type NewRecord,
  OutcomeUnknownError,
} from '@interlock/broker';
import { expect, test } from 'vitest';
import { Quarantine } from './quarantine.js';

const sizeOf = ({ key, headers, value }: NewRecord): number =>
  key.length +
  (value?.length ?? 0) +
  Object.entries(headers).reduce((sum, [name, bytes]) => sum + name.length + bytes.length, 0);

/** A topic that takes what the broker takes; `answers` says which append gets none. */
function quarantine(unanswered = -1) {
  const records: NewRecord[] = [];
  let calls = 0;
  const append = async (topic: string, partition: number, [record]: readonly NewRecord[]) => {
    if (calls++ === unanswered) throw new OutcomeUnknownError(topic, partition);
    const bytes = sizeOf(record as NewRecord);
    if (bytes > APPEND_BYTES_MAX) throw new AppendTooLargeError(topic, bytes, APPEND_BYTES_MAX);
    return records.push(record as NewRecord) - 1;
  };
  const clock = { now: () => 0 };
  return { records, subject: new Quarantine('policy', { append, close: async () => {} }, clock) };
}

const found = (offset: number, record: Partial<NewRecord>) => ({
  topic: 'in',
  record: { offset, key: 'k', headers: {}, value: Buffer.from('{'), ...record },
  part: 0,
  code: 'message.broken',
  message: 'not JSON',
});
const large = (share: number) => Buffer.alloc(Math.floor(APPEND_BYTES_MAX * share));

test.each([
  ['its value', { value: large(0.99) }],
  ['a header', { headers: { x: large(0.99) } }],
  ['its value and a header', { value: large(0.55), headers: { x: large(0.4) } }],
  ['its key', { key: 'k'.repeat(APPEND_BYTES_MAX - 100) }],
  [
    'many headers',
    { headers: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`h${at}`, large(0.02)])) },
  ],
])('a message as large as an append is quarantined, whether it is %s', async (_what, part) => {
  const { records, subject } = quarantine();
  await subject.send(0, [found(0, part)]);
  expect(records).toHaveLength(1);
});

const saidOf = ({ value }: NewRecord) => JSON.parse(Buffer.from(value ?? []).toString('utf8'));

test('what proves a signed request is kept whole, so that it can be put back as it was', async () => {
  const { records, subject } = quarantine();
  const authority = Buffer.alloc(130_000, 'a');
  await subject.send(0, [found(0, { headers: { t: Buffer.from('run.start/1'), authority } })]);
  const said = saidOf(records[0]!);
  expect(said.bytes).toBeUndefined();
  expect(Buffer.from(said.headers.authority, 'base64')).toEqual(authority);
});

test.each([
  ['a header', { headers: { x: large(0.2) } }],
  ['headers', { headers: { x: Buffer.alloc(100_000), y: Buffer.alloc(100_000) } }],
  ['the name of a header', { headers: { ['x'.repeat(300)]: Buffer.alloc(1) } }],
  ['a sixth header', { headers: Object.fromEntries([...'abcdef'].map((name) => [name, Buffer.alloc(1)])) }],
  ['its key', { key: 'k'.repeat(5_000) }],
])('a message of which %s is cut says so, and is not taken for whole', async (_what, part) => {
  const { records, subject } = quarantine();
  await subject.send(0, [found(0, part)]);
  expect(saidOf(records[0]!).bytes).toBe(1);
});

test('a message that cannot be written keeps no other out of quarantine', async () => {
  const { records, subject } = quarantine(0);
  await expect(subject.send(0, [found(0, {}), found(1, {})])).rejects.toThrow(OutcomeUnknownError);
  expect(records).toHaveLength(1);
});
