import { expect, test } from 'vitest';
import { GENESIS } from './chain.js';
import { CorruptLogError } from './errors.js';
import { FencedReader } from './reader.js';
import { isIntact, type LogRecord, open, seal } from './record.js';

const home = { topic: 'policy.events', partition: 0 };
const meta = { id: 'policy.events/0/0.1', run: 'r', epoch: 0, index: 1, time: 1, cause: 'r/2' };
const sealed = () => seal({ key: 'r', wire: 'a/1', meta, value: Buffer.from('{}') }, GENESIS, home).record;

/** The same bytes in other objects, as another process reads them. */
const readBack = ({ key, headers, value }: LogRecord): LogRecord => ({
  key,
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)])),
  value: value && Buffer.from(value),
});

test.each([
  ['its author', (record: LogRecord) => record],
  ['another process', readBack],
])('%s reads a record as it was written', (_who, read) => {
  const record = read(sealed());
  const opened = open(record, home);
  expect(opened).toMatchObject({ wires: ['a/1'], meta });
  expect(opened && isIntact(record, opened)).toBe(true);
});

test.each([
  ['its author', (record: LogRecord) => record],
  ['another process', readBack],
])('a record under the key of another run is read as broken by %s', (_who, read) => {
  const moved = { ...read(sealed()), key: 's', offset: 1 };
  const reader = new FencedReader(home.topic, home.partition, { offset: 1, epoch: 0, index: 0 });
  expect(() => reader.take(moved)).toThrow(CorruptLogError);
});
