import type { Broker } from '@interlock/broker';
import type { InputStart } from './read-model.js';

/** Whether the partition still holds the last record that was read of it, or has cut it away since. */
export async function isSameLog(
  broker: Broker,
  topic: string,
  partition: number,
  at: InputStart,
): Promise<boolean> {
  if (at.last < 0) return true;
  const { start, end } = await broker.bounds(topic, partition);
  if (at.last < start) return true;
  if (at.last >= end) return false;
  for await (const [record] of broker.read(topic, partition, at.last)) {
    return Buffer.from(record?.headers.h ?? []).toString('hex') === at.link;
  }
  return false;
}
