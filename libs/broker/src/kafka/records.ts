import type { Message } from 'kafkajs';
import type { NewRecord, Offset, StoredRecord } from '../broker.js';
import { type FetchedMessage, LOG_APPEND_TIME } from './wire.js';

export function bytesOf(records: readonly NewRecord[]): number {
  return records.reduce((sum, record) => sum + recordBytes(record), 0);
}

function recordBytes({ key, headers, value }: NewRecord): number {
  let bytes = Buffer.byteLength(key) + (value?.byteLength ?? 0);
  for (const [name, header] of Object.entries(headers)) bytes += Buffer.byteLength(name) + header.byteLength;
  return bytes;
}

export function toMessage({ key, headers, value }: NewRecord): Message {
  const buffers: Record<string, Buffer> = {};
  for (const [name, header] of Object.entries(headers)) buffers[name] = asBuffer(header);
  return { key, headers: buffers, value: value === null ? null : asBuffer(value) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function toStored({
  key,
  headers,
  value,
  offset,
  timestamp,
  batchContext,
}: FetchedMessage): StoredRecord {
  const buffers: Record<string, Buffer> = {};
  // Foreign producers may repeat a header or leave it null; the last value counts, as Kafka's own clients have it.
  for (const [name, header] of Object.entries(headers)) {
    const last = Array.isArray(header) ? header.at(-1) : header;
    if (last) buffers[name] = last;
  }
  return {
    offset: toOffset(offset),
    key: key?.toString('utf8') ?? '',
    headers: buffers,
    value,
    ...(batchContext?.timestampType === LOG_APPEND_TIME && { appendedAt: Number(timestamp) }),
  };
}

/** @throws {RangeError} past 2^53, where a number is no longer exact */
export function toOffset(text: string): Offset {
  const offset = Number(text);
  if (!Number.isSafeInteger(offset)) throw new RangeError(`offset ${text} cannot be represented exactly`);
  return offset;
}
