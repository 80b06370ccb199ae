import type { NewRecord, Offset, StoredRecord } from '../broker.js';
import type { PartitionLog } from './partition.log.js';
import { encodeRecord, frameBytes } from './record.codec.js';
import type { Statement } from './schema.js';
import type { Batch, RowFields } from './writer.protocol.js';

const ROW_FIELDS: RowFields = 5;
/** Appends to one partition share a row up to this size; readers fetch whole rows. */
const ROW_BYTES_MAX = 256 * 1024;

export interface QueuedAppend {
  readonly log: PartitionLog;
  readonly base: Offset;
  readonly records: readonly NewRecord[];
  /** Of keys, headers and values. */
  readonly payloadBytes: number;
}

interface Row {
  readonly log: PartitionLog;
  readonly base: Offset;
  readonly records: NewRecord[];
  bytes: number;
}

/** Puts queued appends into one message for the writer. Consecutive appends to one partition become one row. */
export function encodeBatch(
  sequence: number,
  atMs: number,
  appends: readonly QueuedAppend[],
  statements: readonly Statement[],
): Batch {
  const rows = rowsOf(appends);
  const data = Buffer.allocUnsafeSlow(rows.reduce((sum, row) => sum + row.bytes, 0));
  const fields = new Float64Array(rows.length * ROW_FIELDS);
  let at = 0;
  rows.forEach(({ log, base, records, bytes }, index) => {
    fields.set([log.id, base, records.length, at, bytes], index * ROW_FIELDS);
    records.forEach((record, distance) => {
      at = encodeRecord(data, at, distance, record);
    });
  });
  return { sequence, atMs, rows: fields, data, statements };
}

function rowsOf(appends: readonly QueuedAppend[]): Row[] {
  const rows: Row[] = [];
  const open = new Map<PartitionLog, Row>();
  for (const { log, base, records, payloadBytes } of appends) {
    const bytes = records.reduce((sum, record) => sum + frameBytes(record), payloadBytes);
    const row = open.get(log);
    if (row !== undefined && row.bytes + bytes <= ROW_BYTES_MAX) {
      for (const record of records) row.records.push(record);
      row.bytes += bytes;
    } else {
      const begun = { log, base, records: [...records], bytes };
      open.set(log, begun);
      rows.push(begun);
    }
  }
  return rows;
}

/** What readers get, by partition in the order of the offsets. */
export function storedRecords(appends: readonly QueuedAppend[]): Map<PartitionLog, StoredRecord[]> {
  const stored = new Map<PartitionLog, StoredRecord[]>();
  for (const { log, base, records } of appends) {
    const all = stored.get(log) ?? [];
    stored.set(log, all);
    records.forEach(({ key, headers, value }, distance) => {
      all.push({ offset: base + distance, key, headers, value });
    });
  }
  return stored;
}
