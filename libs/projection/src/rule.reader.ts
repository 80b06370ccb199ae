import type { StoredRecord } from '@interlock/broker';
import type { TopicSpec } from '@interlock/contracts';
import { FencedReader, isClaim, open, startingAt } from '@interlock/log';
import { PartitionReader, type ReadingBroker } from './partition.reader.js';
import type { ReadableRecord } from './projection.js';

/** What a reader reports about one partition, in the order of the log. */
export interface RuleListener {
  /** A record that every reader accepts; of a topic that is not fenced, any record. */
  accepted(record: ReadableRecord): void;
  /** A host has taken the partition. */
  claimed?(): void;
  /** A record that no reader accepts: of a deposed host, or without valid headers. */
  ignored?(): void;
  /** Called once: the partition is read no further. */
  stopped(error: Error): void;
}

/** Reads one partition whole, from its first record on, and reports for each record what the rule of its topic decides. */
export class RuleReader {
  readonly #reader: PartitionReader;
  #rule: FencedReader | undefined;
  #offset = 0;

  constructor(
    broker: Omit<ReadingBroker, 'partitions'>,
    readonly spec: Pick<TopicSpec, 'name' | 'kind'>,
    readonly partition: number,
    private readonly listener: RuleListener,
  ) {
    this.#reader = new PartitionReader(broker, spec.name, partition, {
      take: (records) => this.#take(records),
      stopped: (error) => listener.stopped(error),
    });
  }

  /** The next offset it takes. */
  get offset(): number {
    return Math.max(this.#offset, this.#reader.next);
  }

  /** Whether everything that was there at the start has been taken, or never will be. */
  get isRead(): boolean {
    return this.#reader.isRead;
  }

  /** Why it does not read on: what it has reported stays as of `offset`. */
  get trouble(): string | undefined {
    return this.#reader.trouble?.message;
  }

  /** Resolves when it follows. */
  start(): Promise<void> {
    return this.#reader.start();
  }

  stop(): Promise<void> {
    return this.#reader.stop();
  }

  #take(records: readonly StoredRecord[]): void {
    for (const record of records) {
      this.#offset = record.offset + 1;
      this.#tell(record);
    }
  }

  #tell(record: StoredRecord): void {
    const { spec, partition, listener } = this;
    if (spec.kind !== 'fenced') {
      listener.accepted({ partition, record, opened: open(record) });
      return;
    }
    // A new reader cannot know what was trimmed in front of the first record.
    this.#rule ??= new FencedReader(spec.name, partition, startingAt(record.offset));
    const accepted = this.#rule.take(record);
    if (accepted === undefined) listener.ignored?.();
    else if (isClaim(accepted)) listener.claimed?.();
    else listener.accepted({ partition, record, opened: accepted });
  }
}
