import { QuarantineMessage, quarantineOf } from '@interlock/contracts';
import { type LogRecord, plainRecord } from '@interlock/log';
import { expect, test } from 'vitest';
import { QuarantineReader } from './quarantine.reader.js';

const AT = 1_760_000_000_000;

const aside = (key: string, change: object = {}): LogRecord =>
  plainRecord(
    key,
    QuarantineMessage.wire,
    { id: `${key}/aside`, time: AT },
    {
      service: 'orchestrator',
      topic: 'run.commands',
      partition: 0,
      offset: 7,
      key,
      headers: {},
      value: Buffer.from(`for ${key}`).toString('base64'),
      code: 'message.broken',
      message: 'it is broken',
      at: AT,
      ...change,
    },
  );

/** Of an orchestrator that has set this aside, oldest first. */
function readerOf(...written: readonly LogRecord[]): QuarantineReader {
  const records = written.map((record, offset) => ({ ...record, offset }));
  const own = (topic: string) => (topic === quarantineOf('orchestrator').name ? records : []);
  return new QuarantineReader({
    partitions: async () => 1,
    bounds: async (topic) => ({ start: 0, end: own(topic).length }),
    readAt: async (topic, _partition, offsets) => offsets.flatMap((offset) => own(topic)[offset] ?? []),
    async *read(topic, _partition, from) {
      yield own(topic).slice(from);
    },
  });
}

test('a record that is no such message hides none of the others', async () => {
  const broken = { ...aside('broken'), value: Buffer.from('not JSON') };
  const foreign = { ...aside('foreign'), value: Buffer.from('{"service": 7}') };
  const reader = readerOf(broken, foreign, aside('whole'));
  expect((await reader.list({})).map(({ key }) => key)).toEqual(['whole']);
  expect(await reader.find('orchestrator.0.0')).toBeUndefined();
  expect(await reader.find('orchestrator.0.1')).toBeUndefined();
});

test('what is listed says how long a message is, and what is redriven is the message as it was', async () => {
  const reader = readerOf(aside('a'), aside('none', { value: null }), aside('long', { bytes: 900_000 }));
  const bytes = Object.fromEntries((await reader.list({})).map(({ key, bytes }) => [key, bytes]));
  expect(bytes).toEqual({ a: 5, none: 0, long: 900_000 });
  const found = await reader.find('orchestrator.0.0');
  expect(found?.record).toEqual({ key: 'a', headers: {}, value: Buffer.from('for a') });
  expect((await reader.find('orchestrator.0.2'))?.record).toBeUndefined();
});

test('only what was asked for is listed', async () => {
  const reader = readerOf(aside('a'), aside('b', { code: 'run.stuck' }));
  const keys = async (asked: Parameters<QuarantineReader['list']>[0]) =>
    (await reader.list(asked)).map(({ key }) => key);
  expect(await keys({ code: 'run.stuck' })).toEqual(['b']);
  expect(await keys({ service: 'planner' })).toEqual([]);
});
