import type { RunEvent } from '@interlock/contracts';
import { groupBy, isInFront, type Logged, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I10, its order: after a claim no timer fires and nothing is performed before every input was read to where it ended at the
 * claim. An outcome that lay there beats the timeout that fell due meanwhile, and a revocation beats the call before it.
 */
export const inputsFirst: Invariant = (reading) => [
  ...timeoutsAfterOutcomes(reading),
  ...callsAfterRevocations(reading),
];

/** The instant from which on a record's author had to know what the other topics held. */
const claimedAt = (
  { view }: Reading,
  { topic, partition, meta }: Logged<{ type: string }>,
): number | undefined => view.landedAt?.(topic, partition, meta.epoch);

/** What an executor tells of a call besides its answer, or behind it. */
const answersNothing: ReadonlySet<string> = new Set([
  'tool.attempt_started',
  'tool.place_awaited',
  'tool.outcome_late',
]);

function timeoutsAfterOutcomes(reading: Reading): Violation[] {
  const answers = groupBy(
    reading.tools.filter(({ type }) => !answersNothing.has(type)),
    ({ data }) => data.requestId,
  );
  return [...reading.runs].flatMap(([run, events]) =>
    events.filter(isTimeout).flatMap((event) => {
      const { requestId } = event.data;
      const landedAt = answers.get(requestId)?.[0]?.landedAt;
      const claimed = claimedAt(reading, event);
      if (landedAt === undefined || claimed === undefined || landedAt >= claimed) return [];
      const before = events.some(
        (other) =>
          other.type === 'call.recorded' && other.data.requestId === requestId && isInFront(other, event),
      );
      if (before) return [];
      const message = `${event.type} of ${requestId} at seq ${event.meta.seq}, although its answer had come before the claim`;
      return [{ invariant: 'I10', run, message }];
    }),
  );
}

type Timeout = Extract<Logged<RunEvent>, { type: 'call.revoked' | 'call.overdue' }>;

const isTimeout = (event: Logged<RunEvent>): event is Timeout =>
  event.type === 'call.overdue' || (event.type === 'call.revoked' && event.data.because === 'timeout');

function callsAfterRevocations(reading: Reading): Violation[] {
  const revokes = new Map<string, number | undefined>();
  for (const events of reading.runs.values())
    for (const event of events)
      if (event.type === 'call.revoked') revokes.set(event.data.requestId, event.landedAt);
  return reading.tools.flatMap((event) => {
    if (event.type !== 'tool.attempt_started') return [];
    const revoked = revokes.get(event.data.requestId);
    const claimed = claimedAt(reading, event);
    if (revoked === undefined || claimed === undefined || revoked >= claimed) return [];
    const message = `${event.data.requestId} was performed, although it had been revoked before the claim`;
    return [{ invariant: 'I10', run: event.meta.run, message }];
  });
}
