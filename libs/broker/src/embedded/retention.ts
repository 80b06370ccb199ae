import type { Offset } from '../broker.js';
import type { PartitionLog } from './partition.log.js';
import type { Reader } from './reader.js';
import { deleteRowsThrough, saveStart } from './schema.js';
import type { Writer } from './writer.js';

/** Rows deleted in one transaction, so that appends never wait long behind it. */
const ROWS_AT_ONCE = 256;

/** Makes everything in front of `before` unreadable at once and for ever; its space is freed later by `trim`. */
export async function cutLog(log: PartitionLog, before: Offset, writer: Writer): Promise<void> {
  const start = Math.min(before, log.end);
  if (start <= log.start) return;
  await writer.run([saveStart(log.id, start)]);
  log.start = Math.max(log.start, start);
}

/** Frees the rows that lie wholly in front of the start. */
export async function trim(log: PartitionLog, reader: Reader, writer: Writer): Promise<void> {
  for (;;) {
    const rows = reader.firstRows(log.id, ROWS_AT_ONCE);
    const last = rows.findLast(({ base, span }) => base + span <= log.start);
    if (last === undefined) return;
    await writer.run([deleteRowsThrough(log.id, last.base)]);
  }
}

/** Keeps what was written at or after `sinceMs`, and everything behind the first record that was. */
export async function dropOlderThan(
  log: PartitionLog,
  sinceMs: number,
  reader: Reader,
  writer: Writer,
): Promise<void> {
  for (
    let start = startSince(log, sinceMs, reader);
    start > log.start;
    start = startSince(log, sinceMs, reader)
  ) {
    await cutLog(log, start, writer);
    await trim(log, reader, writer);
  }
}

function startSince(log: PartitionLog, sinceMs: number, reader: Reader): Offset {
  let start = log.start;
  for (const { base, span, at_ms } of reader.firstRows(log.id, ROWS_AT_ONCE)) {
    if (at_ms >= sinceMs) break;
    start = Math.max(start, base + span);
  }
  return start;
}
