import { partitionOf } from '@interlock/broker';
import { isDerivedRunId } from '@interlock/contracts';
import type { ReadModelInputs } from '@interlock/read-model';

/** What the read model is fed from. What it has been fed, its next answer holds. */
export type CaughtUp = Pick<ReadModelInputs, 'caughtUp'>;

/** Whether all that is there now about a run is read. A child lies with its root, and its id does not say where that is. */
export async function caughtUpAbout(runId: string, inputs: CaughtUp, partitions: number): Promise<boolean> {
  if (!isDerivedRunId(runId)) return inputs.caughtUp(partitionOf(runId, partitions));
  const all = Array.from({ length: partitions }, (_, partition) => inputs.caughtUp(partition));
  return (await Promise.all(all)).every((isUpToDate) => isUpToDate);
}

export const NOT_READ_YET = 'The log has not been read to its end yet.';
