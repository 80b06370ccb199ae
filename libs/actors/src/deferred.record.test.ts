import { CallRevoked, Catalogue, defineCommand, past, runEvents } from '@interlock/contracts';
import { GENESIS, open, partsOf, plainRecord, recordValue, seal } from '@interlock/log';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { admittedRecord, recordAlone } from './deferred.record.js';
import { deferredMessage } from './input-feed.js';

const catalogue = new Catalogue([CallRevoked]);
const spec = { topic: runEvents.name, kind: 'fenced', catalogue } as const;
const parts = ['r/2', 'r/3', 'other/3'].map((requestId) => ({
  wire: CallRevoked.wire,
  data: { requestId, step: 's', because: 'timeout' },
}));
const meta = { id: 'r/4', run: 'r', seq: 4, epoch: 0, index: 1, time: 1, cause: 'r/2', cursor: {} };
const sealed = seal(
  { key: 'r', wire: parts.map(({ wire }) => wire).join(','), meta, value: recordValue(parts, 'r') },
  GENESIS,
);
const record = { ...sealed.record, offset: 7 };

/** As another host finds it in the log: the same bytes in other objects. */
const copied = ({ headers, ...rest }: typeof record) => ({
  ...rest,
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)])),
});

test.each([0, 1, 2])('part %i of a record comes back from the own log as it came in', (part) => {
  const opened = open(record);
  const found = opened && partsOf(opened, record.value)[part];
  if (found === undefined) throw new Error('the record has three parts');
  const { data } = found;
  const message = { ...spec, offset: 7, part, key: 'r', type: CallRevoked.type, data, meta: found.meta };
  const alone = copied(recordAlone(record, message));
  const { cursor: _cursor, ...left } = found.meta;
  expect(deferredMessage(spec, { topic: spec.topic, part, record: alone })).toEqual({
    topic: spec.topic,
    offset: 7,
    part,
    key: 'r',
    type: CallRevoked.type,
    data: parts[part]?.data,
    meta: left,
  });
});

test('a message of an older version is kept in the newest, and is not made newer twice', () => {
  const older = past(1, z.object({ cents: z.number() }), ({ cents }) => ({ euros: cents / 100 }));
  const Pay = defineCommand('pay', 2, z.object({ euros: z.number() }), [older]);
  const topic = { topic: 'in', kind: 'plain', catalogue: new Catalogue([Pay]) } as const;
  const stored = { ...plainRecord('r', 'pay/1', { id: 'c', time: 1 }, { cents: 500 }), offset: 3 };
  const { data } = topic.catalogue.parse('pay/1', stored.value);
  const message = { topic: 'in', offset: 3, part: 0, key: 'r', type: 'pay', data, meta };
  const kept = admittedRecord(stored, Pay.wire, message);
  expect(deferredMessage(topic, { topic: 'in', part: 0, record: kept })?.data).toEqual({ euros: 5 });
});
