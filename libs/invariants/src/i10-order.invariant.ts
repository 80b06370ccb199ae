import type { RunEvent } from '@interlock/contracts';
import { groupBy, type Logged, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I10, its order: after a claim no timer fires and nothing is performed before every input was read to where it ended at the
 * claim. An outcome that lay there beats the timeout that fell due meanwhile, and a disarm beats the call before it.
 */
export const inputsFirst: Invariant = (reading) => [
  ...timeoutsAfterOutcomes(reading),
  ...callsAfterDisarms(reading),
];

/** The instant from which on a record's author had to know what the other topics held. */
const claimedAt = (
  { view }: Reading,
  { topic, partition, meta }: Logged<{ type: string }>,
): number | undefined => view.landedAt?.(topic, partition, meta.epoch);

function timeoutsAfterOutcomes(reading: Reading): Violation[] {
  const answers = groupBy(
    reading.tools.filter(({ type }) => type !== 'tool.attempt_started' && type !== 'tool.outcome_late'),
    ({ data }) => data.armId,
  );
  return [...reading.runs].flatMap(([run, events]) =>
    events.filter(isTimeout).flatMap((event) => {
      const { armId } = event.data;
      const landedAt = answers.get(armId)?.[0]?.landedAt;
      const claimed = claimedAt(reading, event);
      if (landedAt === undefined || claimed === undefined || landedAt >= claimed) return [];
      const before = events.some(
        (other) =>
          other.type === 'call.recorded' && other.data.armId === armId && other.offset < event.offset,
      );
      if (before) return [];
      const message = `${event.type} of ${armId} at seq ${event.meta.seq}, although its answer had come before the claim`;
      return [{ invariant: 'I10', run, message }];
    }),
  );
}

type Timeout = Extract<Logged<RunEvent>, { type: 'call.disarmed' | 'call.overdue' }>;

const isTimeout = (event: Logged<RunEvent>): event is Timeout =>
  event.type === 'call.overdue' || (event.type === 'call.disarmed' && event.data.because === 'timeout');

function callsAfterDisarms(reading: Reading): Violation[] {
  const disarms = new Map<string, number | undefined>();
  for (const events of reading.runs.values())
    for (const event of events)
      if (event.type === 'call.disarmed') disarms.set(event.data.armId, event.landedAt);
  return reading.tools.flatMap((event) => {
    if (event.type !== 'tool.attempt_started') return [];
    const disarmed = disarms.get(event.data.armId);
    const claimed = claimedAt(reading, event);
    if (disarmed === undefined || claimed === undefined || disarmed >= claimed) return [];
    const message = `${event.data.armId} was performed, although it had been disarmed before the claim`;
    return [{ invariant: 'I10', run: event.meta.run, message }];
  });
}
