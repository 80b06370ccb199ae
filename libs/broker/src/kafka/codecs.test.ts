import { gzipSync, zstdCompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { UnreadableBatchError } from '../errors.js';
import { readAllCompressions } from './codecs.js';
import { BATCH_BYTES_MAX } from './unpacked.js';

const { CompressionCodecs, CompressionTypes } = kafkajs;
readAllCompressions();

type Type = 1 | 2 | 3 | 4;
const unpacked = (type: Type, bytes: Buffer): Promise<Buffer> => CompressionCodecs[type]().decompress(bytes);

const orders = Array.from({ length: 40 }, (_, at) => `{"order":"ord-${at % 7}","paid":true}`);
const text = `${orders.join('')}${'x'.repeat(300)} énd`;

/** As the libraries for Java have packed the text. */
const packed: readonly [what: string, type: Type, base64: string][] = [
  [
    'Snappy',
    CompressionTypes.Snappy,
    'uQsgeyJvcmRlciI6AQg8LTAiLCJwYWlkIjp0cnVlfTYdAAAxbh0AADJuHQAAM24dAAA0bh0AADVuHQAANm4dAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LAP7LALrLAAB4/gEA/gEA/gEA/gEAqgEAECDDqW5k',
  ],
  [
    'Snappy in frames',
    CompressionTypes.Snappy,
    'glNOQVBQWQAAAAABAAAAAQAAAGeACCB7Im9yZGVyIjoBCDwtMCIsInBhaWQiOnRydWV9Nh0AADFuHQAAMm4dAAAzbh0AADRuHQAANW4dAAA2bh0A/ssA/ssA/ssA/ssA/ssA/ssA/ssA/ssA/ssA/ssA/ssA/ssAmssAAAAATbkDUCJvcmQtMCIsInBhaWQiOnRydWV9ewEVDGVyIjoBCAQtMW4dAAAybh0AADNuHQAANDYdAAB4/gEA/gEA/gEA/gEAqgEAECDDqW5k',
  ],
  [
    'LZ4',
    CompressionTypes.LZ4,
    'BCJNGGBwc1EAAACQeyJvcmRlciI6CAD6AS0wIiwicGFpZCI6dHJ1ZX0dAB8xHQAJHzIdAAkfMx0ACR80HQAJHzUdAAkfNh0ACQ/LAP///58feAEA/xlQIMOpbmQAAAAA',
  ],
  [
    'LZ4 with sizes and checksums',
    CompressionTypes.LZ4,
    'BCJNGHxAuQUAAAAAAACFUQAAAJB7Im9yZGVyIjoIAPoBLTAiLCJwYWlkIjp0cnVlfR0AHzEdAAkfMh0ACR8zHQAJHzQdAAkfNR0ACR82HQAJD8sA////nx94AQD/GVAgw6luZH9anNkAAAAA7W6lLA==',
  ],
  ['gzip', CompressionTypes.GZIP, gzipSync(text).toString('base64')],
  ['ZSTD', CompressionTypes.ZSTD, zstdCompressSync(text).toString('base64')],
];

describe.each(packed)('%s', (_what, type, base64) => {
  const bytes = Buffer.from(base64, 'base64');

  test('is read', async () => {
    expect((await unpacked(type, bytes)).toString('utf8')).toBe(text);
  });

  test('that is cut or changed anywhere is read or refused, and never hangs', async () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x55, at);
      for (const broken of [bytes.subarray(0, at), changed])
        await unpacked(type, broken).catch((error) => expect(error).toBeInstanceOf(UnreadableBatchError));
    }
  });
});

test.each<[what: string, type: Type, bytes: Buffer]>([
  ['gzip', CompressionTypes.GZIP, gzipSync(Buffer.alloc(BATCH_BYTES_MAX + 1))],
  ['ZSTD', CompressionTypes.ZSTD, zstdCompressSync(Buffer.alloc(BATCH_BYTES_MAX + 1))],
  ['Snappy', CompressionTypes.Snappy, snappyOf(BATCH_BYTES_MAX + 65)],
])('a batch of %s that would fill the memory is refused', async (_what, type, bytes) => {
  expect(bytes.length).toBeLessThan(3_000_000);
  await expect(unpacked(type, bytes)).rejects.toBeInstanceOf(UnreadableBatchError);
});

/** One byte, and then as often as it takes 64 of those in front. */
function snappyOf(length: number): Buffer {
  const repeats = Math.ceil(length / 64);
  return Buffer.concat([
    Buffer.from([0, 0, 120]),
    Buffer.alloc(repeats * 3, Buffer.from([(63 << 2) | 2, 1, 0])),
  ]);
}
