import type { StoredRecord } from '@interlock/broker';

/**
 * Records as one block of bytes, so that handing a batch to another thread moves one buffer instead of copying many.
 *
 * A record: offset (8 bytes), count of headers (4), then length-prefixed (4 bytes, little-endian) key, value and name and
 * bytes of each header. A null value has the length 0xffffffff.
 */
const NULL_LENGTH = 0xffffffff;

export function packRecords(records: readonly StoredRecord[]): ArrayBuffer {
  let size = 0;
  for (const record of records) size += sizeOf(record);
  const bytes = Buffer.from(new ArrayBuffer(size));
  let at = 0;
  for (const { offset, key, value, headers } of records) {
    const names = Object.keys(headers);
    bytes.writeDoubleLE(offset, at);
    at = bytes.writeUInt32LE(names.length, at + 8);
    at = writeText(bytes, key, at);
    at = writeBytes(bytes, value, at);
    for (const name of names) at = writeBytes(bytes, headers[name] ?? null, writeText(bytes, name, at));
  }
  return bytes.buffer as ArrayBuffer;
}

/** The records of `packed`, as views of it. */
export function unpackRecords(packed: ArrayBuffer | Uint8Array): StoredRecord[] {
  const bytes =
    packed instanceof Uint8Array
      ? Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
      : Buffer.from(packed);
  const records: StoredRecord[] = [];
  let at = 0;
  const next = (): Uint8Array | null => {
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length === NULL_LENGTH) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const text = () => (next() as Buffer).toString('utf8');
  while (at < bytes.length) {
    const offset = bytes.readDoubleLE(at);
    const count = bytes.readUInt32LE(at + 8);
    at += 12;
    const key = text();
    const value = next();
    const headers: Record<string, Uint8Array> = {};
    for (let left = count; left > 0; left--) headers[text()] = next() ?? new Uint8Array();
    records.push({ offset, key, value, headers });
  }
  return records;
}

function sizeOf({ key, value, headers }: StoredRecord): number {
  let size = 12 + 4 + Buffer.byteLength(key) + 4 + (value?.length ?? 0);
  for (const name in headers) size += 4 + Buffer.byteLength(name) + 4 + (headers[name]?.length ?? 0);
  return size;
}

function writeText(bytes: Buffer, text: string, at: number): number {
  const length = bytes.write(text, at + 4, 'utf8');
  bytes.writeUInt32LE(length, at);
  return at + 4 + length;
}

function writeBytes(bytes: Buffer, part: Uint8Array | null, at: number): number {
  if (part === null) return bytes.writeUInt32LE(NULL_LENGTH, at);
  bytes.writeUInt32LE(part.length, at);
  bytes.set(part, at + 4);
  return at + 4 + part.length;
}
