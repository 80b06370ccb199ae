/*
 * The audit stream of one partition: every accepted event of `run.events`, in order, without a gap.
 *
 * A1  An append goes out only when everything in front of it is known to be in the stream: it was read there, or the broker has
 *     acknowledged it. So whatever is lost, late or repeated, and however many processes believe that the partition is theirs, no
 *     record is in the stream before its predecessor is; what comes twice is a repeat.
 * A2  After an append without an answer, or behind an append of somebody else, the stream itself is read again. Nothing is
 *     ever taken from a commit.
 */
import type { Runtime } from '@interlock/actors';
import type { Broker, Producer, StoredRecord } from '@interlock/broker';
import { auditEvents, errorText, runEvents } from '@interlock/contracts';
import { CorruptLogError, type Position, startingAt } from '@interlock/log';
import type { CommittedPlace, SharedPartition, ShareSource } from '@interlock/projection';
import { catalogueRecord, UnreadableEventError, UpgradeNeeded } from '@interlock/projection';
import { AuditFeed, type FeedPorts } from './audit.feed.js';
import { type AuditTail, auditTail, ForeignAuditError } from './audit.tail.js';

export interface AuditPorts extends FeedPorts {
  readonly broker: Broker;
  readonly producer: Producer;
  readonly runtime: Runtime;
  readonly note: (level: 'info' | 'warn' | 'error', what: string, facts: Record<string, unknown>) => void;
}

const QUEUE_MAX = 4_000;
const RETRY_MS = 500;
const forPeople = [CorruptLogError, ForeignAuditError, UnreadableEventError];

export class AuditPartition implements SharedPartition {
  #feed: AuditFeed | undefined;
  #isPaused = false;
  /** Behind what is known to be in the stream. */
  #published: Position | undefined;
  #streamEnd = 0;
  /** Where `run.events` ended when the stream was first read. */
  #startEnd: number | undefined;
  #working: Promise<void> | undefined;
  #isStopped = false;
  #trouble: string | undefined;
  #needs: 'people' | 'upgrade' = 'people';

  constructor(
    readonly partition: number,
    private readonly source: ShareSource,
    private readonly ports: AuditPorts,
    /** Called when there is more to publish. */
    private readonly arrived: () => void,
  ) {}

  /** How far in `run.events` the stream goes; undefined before it was read. */
  get position(): Position | undefined {
    return this.#published;
  }

  /** Why it stopped for good, and whether it needs people or a newer release. */
  get stoppedBy(): { readonly because: string; readonly needs: 'people' | 'upgrade' } | undefined {
    return this.#trouble === undefined ? undefined : { because: this.#trouble, needs: this.#needs };
  }

  get isWorking(): boolean {
    return this.#working !== undefined;
  }

  get hasWork(): boolean {
    return this.#mayWork && this.#feed?.hasWork === true;
  }

  /** Whether there are heads to sign before long, though nothing more comes. */
  get hasUnsigned(): boolean {
    return this.#mayWork && this.#feed?.hasUnsigned === true;
  }

  /** Undefined: everything that was there at its start is published. */
  get waitingFor(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    if (this.#published === undefined) return 'the end of the stream';
    const missing = (this.#startEnd ?? 0) - this.#published.offset;
    return missing > 0 ? `${missing} records` : undefined;
  }

  /** Resolves when it follows; it tries for as long as the broker does not answer. */
  start(): Promise<void> {
    return this.#work(() => this.#open());
  }

  records(_topic: string, records: readonly StoredRecord[]): void {
    if (!this.#mayWork || this.#feed === undefined) return;
    this.#feed.add(records);
    this.arrived();
    if (this.#feed.queued <= QUEUE_MAX || this.#isPaused) return;
    this.#isPaused = true;
    this.source.pause(runEvents.name);
  }

  /** For people who watch the lag: nothing starts from it. */
  positions(): readonly CommittedPlace[] {
    if (this.#published === undefined) return [];
    const { offset, epoch, index } = this.#published;
    const position = { offset, metadata: `${epoch}.${index}` };
    return [{ topic: runEvents.name, partition: this.partition, position }];
  }

  /** Publishes what is queued; resolves when that is done, or is being done already. */
  publish(): Promise<void> {
    return this.#work(async () => {
      while (this.hasWork && (await this.#append()));
    });
  }

  /** Lets the append that is under way end; nothing follows it. */
  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
  }

  get #mayWork(): boolean {
    return !this.#isStopped && this.#trouble === undefined;
  }

  /** One piece of work at a time. */
  async #work(piece: () => Promise<void>): Promise<void> {
    if (this.#working !== undefined || !this.#mayWork) return;
    this.#working = this.#untilDone(piece);
    await this.#working;
    this.#working = undefined;
  }

  async #untilDone(piece: () => Promise<void>): Promise<void> {
    for (let work = piece; this.#mayWork; work = () => this.#open()) {
      try {
        return await work();
      } catch (error) {
        if (this.#isStopped) return;
        if (this.#stopsAt(error)) return;
        this.#note('warn', 'the audit stream is read again', { error: String(error) }); // A2
        await this.#after(RETRY_MS);
      }
    }
  }

  /** What no trying again makes good. */
  #stopsAt(error: unknown): boolean {
    const isForPeople = forPeople.some((kind) => error instanceof kind);
    if (!isForPeople && !(error instanceof UpgradeNeeded)) return false;
    this.#trouble = errorText(error);
    this.#needs = isForPeople ? 'people' : 'upgrade';
    const what = isForPeople ? 'people must look' : 'it waits for an upgrade';
    this.#note('error', `the audit stream of this partition stopped: ${what}; the others go on`, {
      error: this.#trouble,
    });
    return true;
  }

  async #open(): Promise<void> {
    const { broker } = this.ports;
    const tail = await auditTail(broker, this.partition);
    const end = await this.#catalogued(tail);
    const events = await broker.bounds(runEvents.name, this.partition);
    if (this.#isStopped) return;
    const from = furthest(tail.next, this.#published) ?? startingAt(events.start);
    this.#streamEnd = end;
    this.#startEnd ??= events.end;
    this.#published = from;
    // From the first record on, also what is published: the head of a run is signed only for what was folded here.
    const start = startingAt(events.start);
    this.#feed = new AuditFeed(
      this.partition,
      start,
      from.offset,
      this.ports,
      () => this.#after(0),
      () => this.ports.runtime.clock.now(),
    );
    this.source.seek(runEvents.name, start.offset);
    this.#relieve();
  }

  /** What is told from here on is shown as this release shows it. Answers with where the stream ends then. */
  async #catalogued({ end, catalogue }: AuditTail): Promise<number> {
    if (this.ports.stores === 'events') return end;
    const record = catalogueRecord();
    if (catalogue !== undefined && record.value !== null && Buffer.from(record.value).equals(catalogue))
      return end;
    return 1 + (await this.ports.producer.append(auditEvents.name, this.partition, [record]));
  }

  /** Whether there may be more to append. */
  async #append(): Promise<boolean> {
    if (this.#feed === undefined) return false;
    const { records, position } = await this.#feed.batch();
    if (position.offset < (this.#published?.offset ?? 0)) {
      this.#relieve();
      return true;
    }
    if (records.length > 0) {
      if (this.#isStopped) return false;
      const at = await this.ports.producer.append(auditEvents.name, this.partition, records);
      this.#published = position;
      if (at !== this.#streamEnd) {
        this.#note('warn', 'somebody else writes this partition of the audit stream too', {
          expected: this.#streamEnd,
          found: at,
        });
        await this.#open(); // A2
        return false;
      }
      this.#streamEnd = at + records.length;
    } else if (!this.#feed.hasUnpublished) this.#published = position;
    this.#relieve();
    return true;
  }

  #relieve(): void {
    if (!this.#isPaused || (this.#feed?.queued ?? 0) > QUEUE_MAX / 2) return;
    this.#isPaused = false;
    this.source.resume(runEvents.name);
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.ports.runtime.scheduler.after(ms, resolve));
  }

  #note(level: 'warn' | 'error', what: string, facts: Record<string, unknown>): void {
    this.ports.note(level, what, { partition: this.partition, ...facts });
  }
}

/** Both are places up to which everything is in the stream. */
const furthest = (a: Position | undefined, b: Position | undefined): Position | undefined =>
  a === undefined || (b !== undefined && b.offset > a.offset) ? b : a;
