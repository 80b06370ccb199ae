import type { Broker } from '@interlock/broker';
import { groupOf } from '@interlock/contracts';
import { TruncatedLogError } from '@interlock/log';
import type { HostSpec } from './host.spec.js';

type Kept = Pick<HostSpec<unknown>, 'topic' | 'readers' | 'witnesses'>;

/**
 * Looks whether the own log still holds what others have read of it, before anybody takes it for a new one.
 *
 *   T1  A log that is kept for ever begins at 0.
 *   T2  A log does not end in front of what a reader has committed: it was accepted, so it was there.
 *   T3  A log that is cut is cut by its owner alone, never past a reader.
 *
 * @throws {TruncatedLogError} it does not
 */
export async function refuseTruncated(
  { topic, readers, witnesses = readers ?? [] }: Kept,
  partition: number,
  broker: Pick<Broker, 'bounds' | 'committed'>,
): Promise<void> {
  const commits = await Promise.all(
    witnesses.map(async (service) => ({
      service,
      offset: (await broker.committed(groupOf(service), topic, partition))?.offset,
    })),
  );
  // Commits first: they only grow, and so does the end that they are held against.
  const { start, end } = await broker.bounds(topic, partition);
  if (readers === undefined && start > 0)
    throw new TruncatedLogError(topic, partition, `it is kept for ever, but begins at ${start}`);
  for (const { service, offset } of commits) {
    if (offset !== undefined && offset > end)
      throw new TruncatedLogError(
        topic,
        partition,
        `${service} has read it up to ${offset}, but it ends at ${end}`,
      );
  }
  const cut = readers === undefined ? undefined : await cutPast(readers, topic, partition, start, broker);
  if (cut !== undefined)
    throw new TruncatedLogError(
      topic,
      partition,
      `it begins at ${start}, but ${cut.service} has read it up to ${cut.offset} only`,
    );
}

/** The start came first: the owner cuts behind commits, which only grow. */
async function cutPast(
  readers: NonNullable<Kept['readers']>,
  topic: string,
  partition: number,
  start: number,
  broker: Pick<Broker, 'committed'>,
) {
  if (start === 0) return undefined;
  for (const service of readers) {
    const committed = await broker.committed(groupOf(service), topic, partition);
    if (committed !== undefined && committed.offset < start) return { service, offset: committed.offset };
  }
  return undefined;
}
