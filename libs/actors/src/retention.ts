import type { Broker, Membership } from '@interlock/broker';
import { groupOf } from '@interlock/contracts';
import type { PartitionHost } from './partition-host.js';

/** Commits for the owners of the inputs how far this service has read: what its log has accepted, never more. */
export async function commitPositions<State>(
  hosts: Iterable<PartitionHost<State>>,
  membership: Membership,
): Promise<void> {
  const positions = [...hosts].flatMap(({ own, partition }) =>
    Object.entries(own.cursor).map(([topic, { offset, epoch, index }]) => ({
      topic,
      partition,
      position: { offset, metadata: `${epoch}.${index}` },
    })),
  );
  if (positions.length > 0) await membership.commit(positions);
}

/**
 * Cuts the own log of a host up to what every reader has committed and the owner itself no longer needs.
 * A reader without a commit holds the cut, also before its first start. Answers with the new start, if there is one.
 */
export async function trimRead<State>(
  { own, partition, spec, isReady }: PartitionHost<State>,
  broker: Broker,
): Promise<number | undefined> {
  if (spec.readers === undefined || !isReady) return undefined;
  let limit = own.position.offset;
  for (const reader of spec.readers) {
    const committed = await broker.committed(groupOf(reader), spec.topic, partition);
    if (committed === undefined) return undefined;
    limit = Math.min(limit, committed.offset);
  }
  const point = own.needs.trimPoint(limit);
  const { start } = await broker.bounds(spec.topic, partition);
  if (point === undefined || point <= start) return undefined;
  await broker.trim(spec.topic, partition, point);
  return point;
}
