import type { Broker } from '@interlock/broker';

/**
 * How many partitions a topic had when its trigger began to read it. It stands beside every position that is committed: a partition with
 * a higher number was added later, and nothing of it was there before reading began.
 */
export type FirstCount = number;

const FORM = /^of (\d{1,9})$/;

export const metadataOf = (first: FirstCount): string => `of ${first}`;

/** @param count how many the topic has now, which is the answer where nobody has read it yet */
export async function firstCount(
  broker: Pick<Broker, 'committed'>,
  group: string,
  topic: string,
  count: number,
): Promise<FirstCount> {
  const all = Array.from({ length: count }, (_, partition) => broker.committed(group, topic, partition));
  const said = (await Promise.all(all)).flatMap((one) => FORM.exec(one?.metadata ?? '')?.[1] ?? []);
  return Math.min(count, ...said.map(Number));
}
