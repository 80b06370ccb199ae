import type { RecordedEvent } from '@interlock/actors';
import { Catalogue, runLifeEvents } from '@interlock/contracts';
import { partsOf } from '@interlock/log';
import type { ExportedRecord } from '../export/parse-line.js';

const catalogue = new Catalogue(runLifeEvents);

/**
 * The events in a record, in their newest versions.
 * @throws {UnknownMessageError} a newer release wrote one of them
 * @throws {BrokenMessageError} the data of one break its schema
 */
export const recordedIn = ({ type, value, meta }: ExportedRecord): RecordedEvent[] =>
  partsOf({ wires: type.split(','), meta }, value).map(({ wire, meta: { id, seq = 0, time }, data }) => ({
    ...catalogue.validData(wire, data),
    id,
    seq,
    time,
  }));
