import { createHash } from 'node:crypto';
import type { Reading, View } from '@interlock/invariants';
import { isClaim } from '@interlock/log';

/** Hash over all stored bytes of all topics, in order. */
export function digestOf({ topics }: View): string {
  const hash = createHash('sha256');
  for (const [name, partitions] of [...topics].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [partition, records] of partitions.entries()) {
      hash.update(`${name}/${partition}\n`);
      for (const { offset, key, headers, value } of records) {
        hash.update(`${offset} ${key}\n`);
        for (const [header, bytes] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)))
          hash.update(header).update(bytes);
        hash.update(value ?? 'null');
      }
    }
  }
  return hash.digest('hex');
}

/** Records of fenced topics that lie behind a first claim and that no reader accepts: deposed, repeated, forged. */
export function ignoredRecords({ view, fenced }: Reading): number {
  return fenced.reduce((sum, { topic, partition, accepted }) => {
    const first = accepted.find(isClaim)?.offset ?? 0;
    const all = (view.topics.get(topic)?.[partition]?.length ?? 0) - first;
    return sum + Math.max(0, all - accepted.length);
  }, 0);
}
