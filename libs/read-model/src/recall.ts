import { runEvents } from '@interlock/contracts';
import type { Accepted } from '@interlock/log';
import { ReadModelUnavailableError } from './read-model.unavailable.js';
import type { RunsProjection } from './runs.projection.js';

/** Records of one partition that every reader accepts, on their way into a projection. */
export interface AcceptedRecords {
  readonly topic: string;
  readonly partition: number;
  readonly accepted: readonly Accepted[];
}

/** The runs that move with these records, were read about before, and are not in memory. */
export function runsToRecall<State>(
  { runs }: RunsProjection<State>,
  { topic, accepted }: AcceptedRecords,
): string[] {
  if (topic !== runEvents.name) return [];
  const begun = new Set<string>();
  const moving = new Set<string>();
  for (const { meta } of accepted) {
    const { run, seq } = meta;
    if (run === undefined || seq === undefined || begun.has(run) || runs.inMemory(run) !== undefined)
      continue;
    if (seq === 1) begun.add(run);
    else moving.add(run);
  }
  return [...moving];
}

/**
 * Puts the runs that move with these records into memory again, from the log. Where the log has lost their events, or
 * holds what this release does not know, the partition stops.
 * @returns whether the records can be taken
 * @throws {ReadModelUnavailableError} the log or the store does not answer
 */
export async function recallFor<State>(
  projection: RunsProjection<State>,
  records: AcceptedRecords,
): Promise<boolean> {
  try {
    await Promise.all(runsToRecall(projection, records).map((runId) => projection.runs.recall(runId)));
    return true;
  } catch (error) {
    if (error instanceof ReadModelUnavailableError) throw error;
    projection.stop(records.topic, records.partition, error);
    return false;
  }
}
