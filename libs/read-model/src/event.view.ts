import type { RecordedEvent } from '@interlock/actors';
import { Catalogue, runLifeEvents } from '@interlock/contracts';
import { type Meta, partsOf, unpackMeta } from '@interlock/log';
import type { StoredDecision } from './stored.decision.js';

const catalogue = new Catalogue(runLifeEvents);
const newest: ReadonlySet<string> = new Set(runLifeEvents.map(({ wire }) => wire));

/**
 * The events of a decision in their newest versions. The orchestrator has checked them before it wrote them, so the newest version is only
 * parsed.
 * @throws {UnknownMessageError} a newer release wrote one of them
 */
export function recordedEvents({ wire: wires, value }: StoredDecision, meta: Meta): RecordedEvent[] {
  return partsOf({ wires: wires.split(','), meta }, value).map(
    ({ wire, meta: { id, seq = 0, time }, data }) => {
      const message = newest.has(wire) ? catalogue.trustedData(wire, data) : catalogue.validData(wire, data);
      return { ...message, id, seq, time };
    },
  );
}

/** `recordedEvents` of a record that was accepted before, of those behind `after`. */
export const recalledEvents = (stored: StoredDecision, after = 0): RecordedEvent[] =>
  recordedEvents(stored, metaOf(stored)).filter(({ seq }) => seq > after);

/** The interface's `Event`s. Those that were decided together have one cause and one hash, that of their record. */
export function eventViews(stored: StoredDecision) {
  const { cause: causeId } = metaOf(stored);
  const hash = bufferOf(stored.link.subarray(32)).toString('hex');
  return recalledEvents(stored).map(({ seq, type, time, data, id }) => ({
    seq,
    type,
    time: new Date(time).toISOString(),
    data,
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

function metaOf(stored: StoredDecision): Meta {
  const meta = unpackMeta(stored.meta);
  if (meta === undefined) throw new Error(`event ${stored.runId}/${stored.seq} has lost its metadata`);
  return meta;
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
