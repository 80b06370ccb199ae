import type { Broker } from '@interlock/broker';
import type { Hashes } from '@interlock/values';

const HASH = /[0-9a-f]{64}/g;

/**
 * Reads a partition to its end and notes which of the candidates its records hold. Whatever looks like the hash counts, wherever it stands and
 * whoever wrote it: too much stays rather than too little.
 * @param named what is found is added here
 * @throws the log is cut or away meanwhile: nothing is known then
 */
export async function hashesNamed(
  broker: Pick<Broker, 'bounds' | 'read'>,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  candidates: Hashes,
  named: Map<string, Set<string>>,
): Promise<void> {
  const { start } = await broker.bounds(topic, partition);
  for await (const records of broker.read(topic, partition, start)) {
    for (const { key, value } of records) {
      const wanted = value === null ? undefined : candidates.get(key);
      if (value === null || wanted === undefined) continue;
      const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
      for (const [hash] of text.matchAll(HASH)) {
        if (!wanted.has(hash)) continue;
        const found = named.get(key);
        if (found === undefined) named.set(key, new Set([hash]));
        else found.add(hash);
      }
    }
  }
}
