import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Offset, StoredRecord } from '../broker.js';
import type { PartitionLog } from './partition.log.js';
import type { Reader, Row } from './reader.js';
import { encodeRow } from './record.codec.js';
import { deleteRow, replaceRow, type Statement, saveCompactedTo } from './schema.js';
import type { Writer } from './writer.js';

/**
 * Keeps the newest record of each key. Offsets stay as they are, with holes. A removal (no value) is itself removed by the second
 * compaction after it, and the last row stays whole: it tells where the log ends.
 *
 * Reads the log twice in chunks of about 1 MB, a turn of the event loop each; memory grows with the number of keys.
 */
export async function compact(log: PartitionLog, reader: Reader, writer: Writer): Promise<void> {
  const to = log.end;
  const newest = new Map<string, Offset>();
  await eachChunk(log, reader, to, async (rows) => {
    for (const row of rows) for (const { key, offset } of row.records) newest.set(key, offset);
  });
  const isKept = ({ key, offset, value }: StoredRecord) =>
    newest.get(key) === offset && (value !== null || offset >= log.compactedTo);
  await eachChunk(log, reader, to, async (rows) => {
    const changes = rows
      .filter((row) => row.base + row.span < to)
      .flatMap((row) => changeOf(log, row, isKept));
    if (changes.length > 0) await writer.run(changes);
  });
  await writer.run([saveCompactedTo(log.id, to)]);
  log.compactedTo = to;
}

function changeOf(log: PartitionLog, row: Row, isKept: (record: StoredRecord) => boolean): Statement[] {
  const kept = row.records.filter(isKept);
  if (kept.length === row.records.length) return [];
  if (kept.length === 0) return [deleteRow(log.id, row.base)];
  const { bytes, crc } = encodeRow(row.base, kept);
  return [replaceRow(log.id, row.base, crc, bytes)];
}

async function eachChunk(
  log: PartitionLog,
  reader: Reader,
  to: Offset,
  work: (rows: Row[]) => Promise<void>,
) {
  for (let from = log.start; from < to; ) {
    const { rows, next } = reader.rows(log, from, to);
    await work(rows);
    from = next;
    await nextTurn();
  }
}
