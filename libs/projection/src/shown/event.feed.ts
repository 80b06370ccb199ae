import type { NewRecord, StoredRecord } from '@interlock/broker';
import { auditHeaders, runEvents } from '@interlock/contracts';
import { type Accepted, CorruptLogError, FencedReader, type Position } from '@interlock/log';
import { isOfRun } from './audit.record.js';
import { cloudEventJson } from './cloud.event.js';
import { type FeedPlace, FeedPositionText } from './feed.position.js';
import { presentCatalogue } from './redaction.catalogue.js';
import { type ManifestView, mustBeKnown, shownRecords } from './shown.records.js';

/** Where records of `run.events` come from. */
export interface FeedSource {
  /** Of a partition, from an offset up to its present end. */
  read(partition: number, from: number): AsyncIterable<readonly StoredRecord[]>;
}

/** Whether a run, which has an event in `partition`, is told about. What it throws, the feed does. */
export type ShowsRun = (runId: string, partition: number) => boolean | Promise<boolean>;

/** An event as programs outside see it. */
export interface FedEvent {
  readonly type: string;
  /** CloudEvents 1.0, in one line. */
  readonly json: string;
  /** Where to go on behind it. */
  readonly position: string;
}

/**
 * The events of all runs from a position on: what the audit stream tells of them, as this release shows it, each once. Events of one run
 * come in their order; between partitions there is none.
 */
export class EventFeed {
  readonly #partitions: readonly PartitionFeed[];
  readonly #position: FeedPositionText;

  /** @param ofAnotherLog of places that somebody else has named: what is thrown where the log does not go on from one */
  constructor(
    private readonly source: FeedSource,
    private readonly manifests: ManifestView,
    places: readonly FeedPlace[],
    private readonly shows: ShowsRun,
    ofAnotherLog?: (partition: number) => Error,
  ) {
    this.#partitions = places.map((place, partition) => new PartitionFeed(partition, place, ofAnotherLog));
    this.#position = new FeedPositionText(places);
  }

  /** Behind everything that was told or passed over. */
  get position(): string {
    return this.#position.text;
  }

  /** The next offset of each partition. */
  get offsets(): readonly number[] {
    return this.#partitions.map(({ place }) => place.at.offset);
  }

  /**
   * Goes on to the present end of these partitions, some records at a time. Whoever stops in between goes on behind the last event that
   * was taken.
   * @throws {UpgradeNeeded} a newer release has written what comes next
   */
  async *toPresentEnd(
    partitions: readonly number[] = [...this.#partitions.keys()],
  ): AsyncGenerator<readonly FedEvent[]> {
    for (const partition of partitions) {
      const feed = this.#partitions[partition];
      if (feed === undefined) continue;
      for await (const records of this.source.read(partition, feed.place.at.offset))
        yield await this.#told(feed, records);
    }
  }

  async #told(partition: PartitionFeed, records: readonly StoredRecord[]): Promise<FedEvent[]> {
    const told: FedEvent[] = [];
    for (const record of records) {
      const taken = partition.take(record);
      if (taken === undefined) continue;
      const shown = await this.#shown(partition, taken);
      for (const [at, one] of shown.entries()) {
        if (at < taken.told) continue;
        const isLast = at === shown.length - 1;
        this.#position.set(
          partition.partition,
          isLast ? partition.place : { at: taken.before, told: at + 1 },
        );
        const { text: position } = this.#position;
        told.push({ type: typeOf(one), json: cloudEventJson(one, position), position });
      }
      this.#position.set(partition.partition, partition.place);
    }
    return told;
  }

  async #shown({ partition }: PartitionFeed, { accepted }: Taken): Promise<readonly NewRecord[]> {
    if (!isOfRun(accepted) || !(await this.shows(accepted.meta.run, partition))) return [];
    mustBeKnown(accepted, partition);
    return shownRecords(accepted, partition, presentCatalogue, this.manifests);
  }
}

/** An accepted record, where it begins, and how many of its events were told before. */
interface Taken {
  readonly accepted: Accepted;
  readonly before: Position;
  readonly told: number;
}

class PartitionFeed {
  readonly #reader: FencedReader;
  #told: number;
  /** The log has been seen to go on from the place, so what breaks its rule from here on is the log. */
  #isGoingOn = false;

  constructor(
    readonly partition: number,
    { at, told }: FeedPlace,
    private readonly ofAnotherLog: ((partition: number) => Error) | undefined,
  ) {
    this.#reader = new FencedReader(runEvents.name, partition, at);
    this.#told = told;
  }

  get place(): FeedPlace {
    return { at: this.#reader.position, told: 0 };
  }

  /** Undefined: it was taken already, or no reader accepts it. */
  take(record: StoredRecord): Taken | undefined {
    const before = this.#reader.position;
    if (record.offset < before.offset) return undefined;
    const accepted = this.#accepted(record);
    if (accepted === undefined) return undefined;
    // The first record behind a claim still has to fit what the place says came before it.
    if (isOfRun(accepted)) this.#isGoingOn = true;
    const told = this.#told;
    this.#told = 0;
    return { accepted, before, told };
  }

  #accepted(record: StoredRecord): Accepted | undefined {
    try {
      return this.#reader.take(record);
    } catch (error) {
      const isNamed = error instanceof CorruptLogError && !this.#isGoingOn;
      throw (isNamed && this.ofAnotherLog?.(this.partition)) || error;
    }
  }
}

const typeOf = ({ headers }: NewRecord): string =>
  Buffer.from(headers[auditHeaders.type] ?? []).toString('utf8');
