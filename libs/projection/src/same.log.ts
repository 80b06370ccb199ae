import type { Broker } from '@interlock/broker';

/** What was read last of a partition. */
export interface LastRead {
  /** Its offset; -1: nothing was read. */
  readonly last: number;
  /** Its `h` header, hexadecimal. */
  readonly link: string;
}

/** Whether the partition still holds the last record that was read of it, or has cut it away since. */
export async function isSameLog(
  broker: Pick<Broker, 'bounds' | 'readAt'>,
  topic: string,
  partition: number,
  at: LastRead,
): Promise<boolean> {
  if (at.last < 0) return true;
  const { start, end } = await broker.bounds(topic, partition);
  if (at.last < start) return true;
  if (at.last >= end) return false;
  const [record] = await broker.readAt(topic, partition, [at.last]);
  return Buffer.from(record?.headers.h ?? []).toString('hex') === at.link;
}
