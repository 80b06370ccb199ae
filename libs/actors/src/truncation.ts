import type { Broker } from '@interlock/broker';
import { groupOf } from '@interlock/contracts';
import { TruncatedLogError } from '@interlock/log';
import type { HostSpec } from './host.spec.js';

type Kept = Pick<HostSpec<unknown>, 'topic' | 'readers' | 'witnesses'>;

/**
 * Checks that the own log still holds what others have read of it, before it is treated as a new one.
 *
 *   T1  A log that is kept for ever begins at 0.
 *   T2  A log does not end in front of what a reader has committed: it was accepted, so it was there.
 *
 * Where a log that may be cut begins says nothing here: a commit may be older than the one behind which it was cut. Whoever reads it finds
 * out by its own position (`inputBounds`).
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
  // Commits first: the end that they are compared with only grows.
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
}
