import type { RecordedEvent } from '@interlock/actors';
import { Catalogue, runLifeEvents } from '@interlock/contracts';
import { type Meta, unpackMeta } from '@interlock/log';
import type { StoredEvent } from './stored.event.js';

const catalogue = new Catalogue(runLifeEvents);
const newest = new Map(runLifeEvents.map(({ wire, type }) => [wire, type as string]));

/**
 * The event in its newest version. The orchestrator has checked it before it wrote it, so the newest version is only parsed.
 * @throws {UnknownMessageError} a newer release wrote it
 */
export function recordedEvent({ wire, value }: StoredEvent, meta: Meta): RecordedEvent {
  const type = newest.get(wire);
  const message = type === undefined ? catalogue.parse(wire, value) : { type, data: parse(value) };
  return { ...message, id: meta.id, seq: meta.seq ?? 0, time: meta.time };
}

/** `recordedEvent` of a record that was accepted before. */
export const recalledEvent = (stored: StoredEvent): RecordedEvent => recordedEvent(stored, metaOf(stored));

/** The interface's `Event`. */
export function eventView(stored: StoredEvent): Record<string, unknown> {
  const meta = metaOf(stored);
  const { seq, type, time, data, id } = recordedEvent(stored, meta);
  return {
    seq,
    type,
    time: new Date(time).toISOString(),
    data,
    id,
    causeId: meta.cause,
    actor: actorOf(data),
    hash: hex(stored.link.subarray(32)),
  };
}

/** Who made it happen: the subject of the command it answers, else the service that decided. */
function actorOf(data: unknown): string {
  const by = (data as { by?: { sub?: unknown } } | null)?.by;
  return typeof by?.sub === 'string' ? by.sub : 'orchestrator';
}

function metaOf(stored: StoredEvent): Meta {
  const meta = unpackMeta(stored.meta);
  if (meta === undefined) throw new Error(`event ${stored.runId}/${stored.seq} has lost its metadata`);
  return meta;
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(bufferOf(bytes).toString('utf8'));
const hex = (bytes: Uint8Array): string => bufferOf(bytes).toString('hex');
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
