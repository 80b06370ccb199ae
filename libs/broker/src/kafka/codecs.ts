import { promisify } from 'node:util';
import { gzip, unzip, zstdDecompress } from 'node:zlib';
import { errorText } from '@interlock/contracts';
import kafkajs from 'kafkajs';
import { UnreadableBatchError } from '../errors.js';
import { fromLz4 } from './lz4.js';
import { fromSnappy } from './snappy.js';
import { BATCH_BYTES_MAX } from './unpacked.js';

/*
 * kafkajs reads gzip alone, without a bound. Topics of others hold whatever their producers choose: all that Kafka knows is read, and
 * none of it longer than a process can hold. We write gzip alone.
 */

const { CompressionCodecs, CompressionTypes } = kafkajs;
const bounded = { maxOutputLength: BATCH_BYTES_MAX };
const packed = promisify(gzip);
const gunzip = promisify(unzip);
const unzstd = promisify(zstdDecompress);

interface Written {
  readonly buffer: Buffer;
}
const unwritten = async (): Promise<never> => {
  throw new Error('nothing is written in this compression');
};

const reads =
  (
    unpack: (bytes: Buffer) => Buffer | Promise<Buffer>,
    compress: (written: Written) => Promise<Buffer> = unwritten,
  ) =>
  () => ({
    compress,
    async decompress(bytes: Buffer): Promise<Buffer> {
      try {
        return await unpack(bytes);
      } catch (error) {
        throw error instanceof UnreadableBatchError
          ? error
          : new UnreadableBatchError(errorText(error), { cause: error });
      }
    },
  });

/** Once in a process: the table is that of kafkajs. */
export function readAllCompressions(): void {
  CompressionCodecs[CompressionTypes.GZIP] = reads(
    (bytes) => gunzip(bytes, bounded),
    ({ buffer }) => packed(buffer),
  );
  CompressionCodecs[CompressionTypes.Snappy] = reads((bytes) => fromSnappy(bytes));
  CompressionCodecs[CompressionTypes.LZ4] = reads((bytes) => fromLz4(bytes));
  CompressionCodecs[CompressionTypes.ZSTD] = reads((bytes) => unzstd(bytes, bounded));
}
