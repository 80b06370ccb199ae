/**
 * Kafka's default partitioner for keyed records: murmur2 with seed 0x9747b28c, sign bit cleared, modulo the partition count.
 * Source of the constants: MurmurHash2 by Austin Appleby, as used by Kafka's Java clients, so that foreign producers agree.
 */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
}

const M = 0x5bd1e995;

function murmur2(bytes: Buffer): number {
  let h = 0x9747b28c ^ bytes.length;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  return finish(mixTail(h, bytes, whole));
}

function mixTail(h: number, bytes: Buffer, from: number): number {
  let tail = 0;
  for (let at = bytes.length - 1; at >= from; at--) tail = (tail << 8) | (bytes[at] ?? 0);
  return from === bytes.length ? h : Math.imul(h ^ tail, M);
}

function finish(h: number): number {
  let mixed = Math.imul(h ^ (h >>> 13), M);
  mixed ^= mixed >>> 15;
  return mixed;
}
