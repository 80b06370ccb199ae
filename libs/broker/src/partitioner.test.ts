import { expect, test } from 'vitest';
import { partitionOf } from './partitioner.js';

/** Hashes that Kafka's Java client computes for these keys. */
const murmur2 = {
  '21': -973932308,
  foobar: -790332482,
  'a-little-bit-long-string': -985981536,
  'a-little-bit-longer-string': -1486304829,
  lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  abc: 479470107,
};

test.each(Object.entries(murmur2))('%s goes where the Java client sends it', (key, hash) => {
  for (const partitions of [1, 2, 7, 12, 1_000, 2 ** 31 - 1]) {
    expect(partitionOf(key, partitions)).toBe((hash & 0x7fffffff) % partitions);
  }
});

test('a key is hashed as UTF-8, not as characters', () => {
  const bytes = Buffer.from('é€');
  expect(partitionOf('é€', 2 ** 31 - 1)).not.toBe(partitionOf(bytes.toString('latin1'), 2 ** 31 - 1));
});

test('every key has a partition within the count', () => {
  for (let at = 0; at < 1_000; at++) {
    const partition = partitionOf(`key ${at}`, 5);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(5);
  }
});
