import { APPEND_BYTES_MAX, type NewRecord, type StoredRecord } from '@interlock/broker';
import {
  type AuditPlace,
  type CodeOf,
  RunCancelled,
  RunCompleted,
  RunEscalated,
  RunFailed,
  RunRolledBack,
  runEvents,
} from '@interlock/contracts';
import { CorruptLogError, FencedReader, type Position } from '@interlock/log';
import {
  HEAD_BYTES_MAX,
  isOfRun,
  type ManifestView,
  mustBeKnown,
  ProjectionRows,
  presentCatalogue,
  type RunRecord,
  shownRecords,
  sizeOf,
  UnreadableEventError,
} from '@interlock/projection';
import { type Anchor, storedHead } from './run.anchor.js';
import { runChains } from './run.chains.js';
import { HEAD_EVENTS, UnsignedHeads } from './unsigned.heads.js';

/** Records came from further on than was asked for: read again from where the stream stands. */
export class MissedRecordsError extends Error {
  readonly code = 'audit.missed_records' satisfies CodeOf<'fault'>;

  constructor(partition: number, offset: number) {
    super(`${runEvents.name}/${partition} was not delivered from offset ${offset} on`);
    this.name = 'MissedRecordsError';
  }
}

/** What the stream is made with. */
export interface FeedPorts {
  /** Heads alone: events are derived from `run.events` when somebody reads. */
  readonly stores: 'events' | 'heads';
  readonly manifests: ManifestView;
  readonly anchor: Anchor;
}

/** Records for one append, and where in `run.events` the stream stands with them. */
export interface AuditBatch {
  readonly records: readonly NewRecord[];
  readonly position: Position;
}

/** What becomes of one record that was read, and where the stream stands behind it. It goes into one append, whole. */
interface Mapped {
  readonly records: readonly NewRecord[];
  readonly position: Position;
  /** What happened to a run; absent: the record tells of none. */
  readonly event?: RunRecord;
}

const RECORDS_MAX = HEAD_EVENTS;
/** With them an append is not full. */
const HEADS_MAX = 400;
/** Mapped in one turn of the event loop, which others use too. */
const TURN_RECORDS_MAX = 64;

/**
 * From records as read to batches as published: what every reader accepts, of it what tells of runs, of that what may be shown; behind
 * it the signed heads that are due. It reads a partition from its first record on, to know the chain of every run,
 * and publishes nothing in front of `from`, which is in the stream already.
 */
export class AuditFeed {
  readonly #reader: FencedReader;
  #queue: StoredRecord[] = [];
  #head = 0;
  /** Behind what was handed out. */
  #position: Position;
  /** Mapped, but it did not fit. */
  #next: Mapped | undefined;
  /** Behind the last event that was handed out, or lies in front of `from`. */
  #reported: AuditPlace | undefined;
  /** What cannot be read, behind everything that is handed out first. */
  #broken: { readonly error: unknown } | undefined;
  #expected: number;
  #missed: MissedRecordsError | undefined;
  readonly #chains = new ProjectionRows(runChains);
  readonly #unsigned: UnsignedHeads;

  constructor(
    readonly partition: number,
    start: Position,
    /** Offset in `run.events`. */
    private readonly from: number,
    private readonly shows: FeedPorts,
    private readonly turn: () => Promise<void>,
    now: () => number,
  ) {
    this.#unsigned = new UnsignedHeads(now);
    this.#position = start;
    this.#reader = new FencedReader(runEvents.name, partition, start);
    this.#expected = start.offset;
  }

  get queued(): number {
    return this.#queue.length - this.#head;
  }

  get hasWork(): boolean {
    const isWaiting = this.queued > 0 || this.#next !== undefined || this.#missed !== undefined;
    return isWaiting || this.#broken !== undefined || this.#mustSign;
  }

  /** Whether heads wait to be signed that are not due yet. */
  get hasUnsigned(): boolean {
    return this.#unsigned.size > 0;
  }

  /** Whether events in front of where it stands are in no append yet: they come with the heads of their runs. */
  get hasUnpublished(): boolean {
    return this.shows.stores === 'heads' && this.hasUnsigned;
  }

  /** What was read before is dropped. */
  add(records: readonly StoredRecord[]): void {
    for (const record of records) {
      if (record.offset < this.#expected) continue;
      if (record.offset > this.#expected)
        this.#missed ??= new MissedRecordsError(this.partition, this.#expected);
      if (this.#missed !== undefined) return;
      this.#queue.push(record);
      this.#expected += 1;
    }
  }

  /**
   * The next records, a few a turn; none when what is queued tells of no run and no head is due.
   * @throws {CorruptLogError} the log breaks its own rule
   * @throws {UpgradeNeeded}
   * @throws {MissedRecordsError}
   */
  async batch(): Promise<AuditBatch> {
    if (this.#missed !== undefined) throw this.#missed;
    if (this.#broken !== undefined && !this.#mustSign) throw this.#broken.error;
    const due = this.#mustSign ? this.#unsigned.take(HEADS_MAX) : [];
    const recordsMax = this.#mustSign ? 0 : RECORDS_MAX; // H2
    const records: NewRecord[] = [];
    const ended: string[] = [];
    let bytes = due.length * HEAD_BYTES_MAX;
    for (let taken = 0; Math.max(records.length, taken) < recordsMax; taken++) {
      if (taken % TURN_RECORDS_MAX === TURN_RECORDS_MAX - 1) await this.turn();
      this.#next ??= await this.#mapped();
      if (this.#next === undefined) break;
      bytes += this.#sizeOf(this.#next);
      if (bytes > APPEND_BYTES_MAX) break;
      const next = this.#take(this.#next);
      if (next === undefined) break;
      records.push(...next.records);
      if (next.ended !== undefined) ended.push(next.ended);
    }
    const heads = this.#headsOf(new Set([...ended, ...due]));
    return { records: [...records, ...this.#stored(heads)], position: this.#position };
  }

  /** Whether heads go in front of what is queued. Nothing is signed on the way to where the stream stands: it was. */
  get #mustSign(): boolean {
    if (this.#position.offset < this.from) return false;
    return this.#broken === undefined ? this.#unsigned.isDue : this.hasUnsigned;
  }

  #sizeOf({ records, event }: Mapped): number {
    const head = event !== undefined && isEnd(event) ? HEAD_BYTES_MAX : 0;
    return records.reduce((sum, record) => sum + sizeOf(record), head);
  }

  /** Undefined: nothing is queued, or it cannot be read. Then the stream stops, behind the heads of what stands in front of it. */
  async #mapped(): Promise<Mapped | undefined> {
    const stored = this.#queue[this.#head];
    if (stored === undefined || this.#broken !== undefined) return undefined;
    try {
      const taken = this.#reading(stored.offset, () => this.#reader.take(stored));
      const event = taken !== undefined && isOfRun(taken) ? taken : undefined;
      const records = event !== undefined && stored.offset >= this.from ? await this.#shown(event) : [];
      this.#shift();
      return { records, position: this.#reader.position, ...(event && { event }) };
    } catch (error) {
      this.#broken = { error };
      return undefined;
    }
  }

  /** Takes it into the batch, and folds it: no head covers what is published later. Undefined: its chain is broken. */
  #take({ records, position, event }: Mapped) {
    if (event !== undefined) {
      try {
        this.#reading(event.offset, () => this.#chains.apply(event));
      } catch (error) {
        this.#broken = { error };
        return undefined;
      }
    }
    this.#next = undefined;
    this.#position = position;
    if (event === undefined) return { records };
    this.#reported = placeBehind(event);
    const { run } = event.meta;
    const isNew = event.offset >= this.from;
    if (!isEnd(event)) this.#unsigned.moved(run, isNew);
    else this.#unsigned.ended(run);
    return isEnd(event) && isNew ? { records, ended: run } : { records };
  }

  #headsOf(runs: Iterable<string>): NewRecord[] {
    return [...runs].flatMap((runId) => {
      const end = this.#chains.get(runId);
      if (end === undefined || end === 'broken') return [];
      return [this.#reading(this.#reader.position.offset, () => this.shows.anchor(end))];
    });
  }

  #stored(heads: readonly NewRecord[]): NewRecord[] {
    if (this.shows.stores === 'events') return [...heads];
    return heads.map((head, at) => storedHead(head, at === heads.length - 1 ? this.#reported : undefined));
  }

  /** What breaks here breaks again however often it is read: it is named, and people look. */
  #reading<T>(offset: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof CorruptLogError
        ? error
        : new UnreadableEventError(this.partition, offset, error);
    }
  }

  async #shown(taken: RunRecord): Promise<NewRecord[]> {
    mustBeKnown(taken, this.partition);
    if (this.shows.stores === 'heads') return [];
    return shownRecords(taken, this.partition, presentCatalogue, this.shows.manifests);
  }

  #shift(): void {
    this.#head += 1;
    if (this.#head < 512 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}

/** Of its run; what may come behind it moves the run like any other event. */
const isEnd = ({ wires }: RunRecord): boolean =>
  wires.some((wire) => ends.has(wire.slice(0, wire.lastIndexOf('/'))));

/** Its record may be a list of events: all of them are told together. */
const placeBehind = ({ offset, meta: { epoch, index }, hash }: RunRecord): AuditPlace => ({
  offset: offset + 1,
  epoch,
  index,
  hash: Buffer.from(hash).toString('hex'),
});

const ends: ReadonlySet<string> = new Set(
  [RunCompleted, RunFailed, RunCancelled, RunRolledBack, RunEscalated].map(({ type }) => type),
);
