import type { RecordedEvent } from '@interlock/actors';
import { Catalogue, instantText, runLifeEvents } from '@interlock/contracts';
import { hashOfRecord, partsOf } from '@interlock/log';
import type { Decision } from './decision.js';

const catalogue = new Catalogue(runLifeEvents);
const newest: ReadonlySet<string> = new Set(runLifeEvents.map(({ wire }) => wire));

/**
 * The events of a decision behind event `after`, in their newest versions. The orchestrator has checked them before it wrote them, so the
 * newest version is only parsed.
 * @throws {UnknownMessageError} a newer release wrote one of them
 */
export function recordedEvents({ wires, meta, record }: Decision, after = 0): RecordedEvent[] {
  const events = partsOf({ wires, meta }, record.value).map(({ wire, meta: { id, seq = 0, time }, data }) => {
    const message = newest.has(wire) ? catalogue.trustedData(wire, data) : catalogue.validData(wire, data);
    return { ...message, id, seq, time };
  });
  return events.filter(({ seq }) => seq > after);
}

/** The interface's `Event`s. Those that were decided together have one cause and one hash, that of their record. */
export function eventViews(decision: Decision) {
  const { cause: causeId } = decision.meta;
  const hash = hashOfRecord(decision.record).toString('hex');
  return recordedEvents(decision).map(({ seq, type, time, data, id }) => ({
    seq,
    type,
    time: instantText(time),
    data: catalogue.shown(type, data) as object,
    id,
    causeId,
    actor: actorOf(data),
    hash,
  }));
}

/** Who made it happen: the subject of the command it answers, else the service that decided. */
function actorOf(data: unknown): string {
  const by = (data as { by?: { sub?: unknown } } | null)?.by;
  return typeof by?.sub === 'string' ? by.sub : 'orchestrator';
}
