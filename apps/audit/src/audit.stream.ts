import type { Broker, NewRecord, StoredRecord } from '@interlock/broker';
import { type AuditPlace, auditEvents, auditPlaceOf, runEvents } from '@interlock/contracts';
import { FencedReader, startingAt } from '@interlock/log';
import {
  isCatalogue,
  isOfRun,
  type ManifestView,
  type RedactionCatalogue,
  shownRecords,
  unpackCatalogue,
} from '@interlock/projection';
import { ForeignAuditError } from './audit.tail.js';
import { wholeHead } from './run.anchor.js';

type ReadableLog = Pick<Broker, 'isOpenToOthers' | 'bounds' | 'read'>;

/**
 * The audit stream of a partition from its first record to its present end, whether its events are stored or derived from `run.events`:
 * each the way the release showed it that told of it, so equal seq is equal bytes. Where the front was cut away it begins behind the first
 * catalogue that is left.
 * @throws {RedactionUnknownError}
 * @throws {UnreadableEventError}
 * @throws {ForeignAuditError} the places of the stream are none of `run.events`
 */
export async function* auditStreamOf(
  log: ReadableLog,
  partition: number,
  manifests: ManifestView,
): AsyncGenerator<NewRecord> {
  const { start } = await log.bounds(auditEvents.name, partition);
  const events = new EventsToPlace(log, partition, manifests);
  let catalogue: RedactionCatalogue | undefined;
  let heads: NewRecord[] = [];
  for await (const records of log.read(auditEvents.name, partition, start)) {
    if (log.isOpenToOthers) {
      yield* records;
      continue;
    }
    for (const record of records) {
      if (isCatalogue(record)) {
        catalogue = unpackCatalogue(record.value);
        continue;
      }
      heads.push(wholeHead(record));
      const place = auditPlaceOf(record.headers);
      if (place === undefined) continue;
      yield* events.upTo(place, catalogue);
      if (catalogue !== undefined) yield* heads;
      heads = [];
    }
  }
}

/** The events of a partition of `run.events`, from its first record on, up to one place after the other. */
class EventsToPlace {
  readonly #records: AsyncGenerator<StoredRecord>;
  #reader: FencedReader | undefined;

  constructor(
    log: ReadableLog,
    private readonly partition: number,
    private readonly manifests: ManifestView,
  ) {
    this.#records = recordsOf(log, partition);
  }

  /** None when it is there already: then the place was a repeat. */
  async *upTo(place: AuditPlace, catalogue: RedactionCatalogue | undefined): AsyncGenerator<NewRecord> {
    while (this.#offset < place.offset) {
      const { value: record, done } = await this.#records.next();
      if (done) throw new ForeignAuditError(this.partition, place.offset - 1);
      this.#reader ??= new FencedReader(runEvents.name, this.partition, startingAt(record.offset));
      const taken = this.#reader.take(record);
      const isLast = record.offset >= place.offset - 1;
      if (isLast && (taken === undefined || hexOf(taken.hash) !== place.hash))
        throw new ForeignAuditError(this.partition, place.offset - 1);
      if (taken !== undefined && isOfRun(taken) && catalogue !== undefined)
        yield* await shownRecords(taken, this.partition, catalogue, this.manifests);
    }
  }

  get #offset(): number {
    return this.#reader?.position.offset ?? 0;
  }
}

async function* recordsOf(log: ReadableLog, partition: number): AsyncGenerator<StoredRecord> {
  const { start } = await log.bounds(runEvents.name, partition);
  for await (const records of log.read(runEvents.name, partition, start)) yield* records;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
