import type { StoredRecord } from '@interlock/broker';
import { open, packMeta, partsOf, recordValue } from '@interlock/log';
import type { TopicMessage } from './actor.js';
import { json } from './batch.js';

/**
 * A message is kept as it was admitted, in its newest version. What proved it is not kept: it is admitted once.
 * @param wire of the newest version
 */
export const admittedRecord = (record: StoredRecord, wire: string, { data }: TopicMessage): StoredRecord => ({
  ...record,
  headers: { ...record.headers, t: Buffer.from(wire) },
  value: json(data),
});

/** The record of one message, as it was written: what was decided together with it is not kept with it. */
export function recordAlone(record: StoredRecord, { part, meta: found }: TopicMessage): StoredRecord {
  const opened = open(record);
  const one = opened && partsOf(opened, record.value)[part];
  if (one === undefined) return record;
  const { cursor: _cursor, released: _released, after: _after, ...meta } = found;
  const headers = { ...record.headers, t: Buffer.from(one.wire), m: packMeta(meta, record.key) };
  return { ...record, headers, value: recordValue([one], meta.run) };
}
