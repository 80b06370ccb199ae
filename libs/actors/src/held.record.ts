import type { StoredRecord } from '@interlock/broker';
import { packMeta } from '@interlock/log';
import type { TopicMessage } from './actor.js';
import { json } from './batch.js';

/** A message that was judged is kept as it was judged: what proved it is not kept, and need not be judged again. */
export const judgedRecord = (record: StoredRecord, { data }: TopicMessage): StoredRecord => ({
  ...record,
  value: json(data),
});

/** The record of one message: what was decided together with it is not kept with it. */
export function recordAlone(record: StoredRecord, { meta, data, part }: TopicMessage): StoredRecord {
  const wires = Buffer.from(record.headers.t ?? new Uint8Array())
    .toString('utf8')
    .split(',');
  if (wires.length === 1) return record;
  const headers = { ...record.headers, t: Buffer.from(wires[part] ?? ''), m: packMeta(meta) };
  return { ...record, headers, value: json(data) };
}
