import { UnreadableBatchError } from '../errors.js';

/** Of one batch. Producers write some MB at most: what is much more is there to fill our memory. */
export const BATCH_BYTES_MAX = 32 * 1024 * 1024;

const FIRST_BYTES = 64 * 1024;

/** What has been unpacked so far: both formats repeat parts of it. */
export class Unpacked {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  constructor(readonly bytesMax = BATCH_BYTES_MAX) {}

  /** The next `count` bytes of `from` as they are. */
  take(from: Buffer, at: number, count: number): void {
    if (at + count > from.length) throw new UnreadableBatchError('it ends too early');
    this.#makeRoom(count);
    from.copy(this.#bytes, this.#length, at, at + count);
    this.#length += count;
  }

  /** `count` bytes that were there `back` bytes ago; they may reach into themselves. */
  repeat(back: number, count: number): void {
    if (back < 1 || back > this.#length) throw new UnreadableBatchError('it repeats what was not there');
    this.#makeRoom(count);
    for (let left = count; left > 0; ) {
      const some = Math.min(left, back);
      this.#bytes.copyWithin(this.#length, this.#length - back, this.#length - back + some);
      this.#length += some;
      left -= some;
    }
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #makeRoom(count: number): void {
    const wanted = this.#length + count;
    if (wanted > this.bytesMax) throw new UnreadableBatchError(`it has more than ${this.bytesMax} bytes`);
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
