import type { StoredValue } from '@interlock/contracts';

/** A value as an export carries it, behind the records and in front of the head. */
export function valueLine({ hash, size, type }: StoredValue, bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  const dataBase64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return JSON.stringify({ value: { hash, size, type }, dataBase64 });
}
