import type { RecordedEvent } from '@interlock/actors';
import { Catalogue, runLifeEvents } from '@interlock/contracts';
import { eventId } from '@interlock/log';
import type { ExportedRecord } from '../export/parse-line.js';

const catalogue = new Catalogue(runLifeEvents);

/**
 * The event in a record, in its newest version.
 * @throws {UnknownMessageError} a newer release wrote it
 * @throws {BrokenMessageError} its data break its schema
 */
export function recordedIn({ type, value, meta }: ExportedRecord): RecordedEvent {
  const { run, seq, time } = meta;
  return { ...catalogue.parse(type, value), id: eventId(run, seq), seq, time };
}
