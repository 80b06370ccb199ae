import { type ApprovalEvent, fieldOf, hashOf, type RunEvent, terminalEventTypes } from '@interlock/contracts';
import { groupBy, isLater, type Logged, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I11, what runs repeat of people: for each approval the run holds, in order and word for word, what the approval service said up
 * to some point, and all of it unless the run ended before.
 */
export const peopleAreQuoted: Invariant = (reading) =>
  [...reading.runs].flatMap(([run, events]) => quoted(reading, run, events));

/** Said to executors and policy, not to the run. */
const notCopied: ReadonlySet<string> = new Set(['approval.confirmed', 'approval.unconfirmed']);
/** The run's own words. */
const own: ReadonlySet<string> = new Set(['approval.requested', 'approval.unneeded']);

function quoted({ people, view }: Reading, run: string, events: readonly Logged<RunEvent>[]): Violation[] {
  const ended = events.findLastIndex(({ type }) => terminalEventTypes.has(type));
  const before = new Set(
    events
      .slice(0, Math.max(0, ended))
      .flatMap(({ type, data }) => (type === 'approval.requested' ? [data.approvalId] : [])),
  );
  const copies = groupBy(
    events.filter(({ type }) => type.startsWith('approval.') && !own.has(type)),
    ({ data }) => String(fieldOf(data, 'approvalId')),
  );
  const asked = events.flatMap(({ type, data }) => (type === 'approval.requested' ? [data.approvalId] : []));
  const violations: Violation[] = [];
  for (const approvalId of new Set([...copies.keys(), ...asked])) {
    const said = (people.said.get(approvalId) ?? []).filter(({ type }) => !notCopied.has(type));
    const mine = copies.get(approvalId) ?? [];
    const wrong = mine.find((copy, place) => !isCopy(copy, said[place]));
    const missing =
      view.ended && !before.has(approvalId) && wrong === undefined ? said[mine.length] : undefined;
    if (wrong !== undefined) {
      const message = `the approval service has not said ${wrong.type} of ${approvalId}, recorded at seq ${wrong.meta.seq}`;
      violations.push({ invariant: 'I11', run, message });
    }
    if (missing !== undefined)
      violations.push({
        invariant: 'I11',
        run,
        message: `${missing.type} of ${approvalId} was never recorded`,
      });
  }
  return violations;
}

const isCopy = (copy: Logged<RunEvent>, said: Logged<ApprovalEvent> | undefined): boolean =>
  said !== undefined &&
  said.type === copy.type &&
  said.meta.run === copy.meta.run &&
  hashOf(said.data) === hashOf(copy.data) &&
  !isLater(said.landedAt, copy.landedAt);
