import { crc32 } from 'node:zlib';
import type { NewRecord, Offset, StoredRecord } from '../broker.js';

/*
 * One record: u32 distance from the offset of its row, u32 key length, key, u16 number of headers, each as
 * u16 name length, name, u32 length, bytes; then i32 value length (-1: no value), value. Little-endian.
 * The distance is stored because compaction takes records out of a row.
 */
const RECORD_FRAME_BYTES = 4 + 4 + 2 + 4;
const HEADER_FRAME_BYTES = 2 + 4;
const NO_VALUE = -1;

/** Bytes of a record's key, headers and value: what `APPEND_BYTES_MAX` bounds. */
export function payloadBytes({ key, headers, value }: NewRecord): number {
  let bytes = Buffer.byteLength(key) + (value?.length ?? 0);
  for (const name in headers) bytes += Buffer.byteLength(name) + (headers[name]?.length ?? 0);
  return bytes;
}

/** Bytes around the payload. */
export function frameBytes({ headers }: NewRecord): number {
  let bytes = RECORD_FRAME_BYTES;
  for (const _name in headers) bytes += HEADER_FRAME_BYTES;
  return bytes;
}

/** Writes one record at `at` and answers where the next one goes. */
export function encodeRecord(target: Buffer, at: number, distance: number, record: NewRecord): number {
  let next = target.writeUInt32LE(distance, at);
  const keyBytes = target.write(record.key, next + 4);
  next = target.writeUInt32LE(keyBytes, next) + keyBytes;
  next = encodeHeaders(target, next, record.headers);
  const { value } = record;
  next = target.writeInt32LE(value === null ? NO_VALUE : value.length, next);
  if (value === null) return next;
  target.set(value, next);
  return next + value.length;
}

function encodeHeaders(target: Buffer, at: number, headers: NewRecord['headers']): number {
  let next = at + 2;
  let count = 0;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const nameBytes = target.write(name, next + 2);
    next = target.writeUInt16LE(nameBytes, next) + nameBytes;
    next = target.writeUInt32LE(value.length, next);
    target.set(value, next);
    next += value.length;
    count += 1;
  }
  target.writeUInt16LE(count, at);
  return next;
}

/** The bytes of one row that holds `records`, the first of whose offsets need not be `base`. */
export function encodeRow(base: Offset, records: readonly StoredRecord[]): { bytes: Buffer; crc: number } {
  const size = records.reduce((sum, record) => sum + payloadBytes(record) + frameBytes(record), 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const record of records) at = encodeRecord(bytes, at, record.offset - base, record);
  return { bytes, crc: crc32(bytes) };
}

/** The records of a row. Keys are copied, headers and values are views of `row`. */
export function decodeRow(base: Offset, row: Uint8Array): StoredRecord[] {
  const bytes = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
  const records: StoredRecord[] = [];
  for (let at = 0; at < bytes.length; ) at = decodeRecord(bytes, at, base, records);
  return records;
}

function decodeRecord(bytes: Buffer, at: number, base: Offset, records: StoredRecord[]): number {
  const offset = base + bytes.readUInt32LE(at);
  const keyEnd = at + 8 + bytes.readUInt32LE(at + 4);
  const key = bytes.toString('utf8', at + 8, keyEnd);
  const headers: Record<string, Uint8Array> = {};
  let next = keyEnd + 2;
  for (let left = bytes.readUInt16LE(keyEnd); left > 0; left--) {
    const nameEnd = next + 2 + bytes.readUInt16LE(next);
    const end = nameEnd + 4 + bytes.readUInt32LE(nameEnd);
    headers[bytes.toString('utf8', next + 2, nameEnd)] = bytes.subarray(nameEnd + 4, end);
    next = end;
  }
  const length = bytes.readInt32LE(next);
  next += 4;
  const end = length === NO_VALUE ? next : next + length;
  records.push({ offset, key, headers, value: length === NO_VALUE ? null : bytes.subarray(next, end) });
  return end;
}
