import type { Broker, StoredRecord } from '@interlock/broker';
import type { TopicSpec } from '@interlock/contracts';
import { type Accepted, FencedReader, isClaim, startingAt } from '@interlock/log';

/** What a reader of a fenced topic tells of one partition. */
export interface LogListener {
  accepted(topic: string, record: Accepted): void;
  /** A host has taken the partition. */
  claimed(topic: string): void;
  /** A record that no reader accepts: of a deposed host, or without valid headers. */
  fenced(topic: string): void;
}

/**
 * Reads one partition of a fenced topic whole, from its first record on and without a group. It holds nothing up: it commits
 * nothing, so no topic is kept for it, and what was cut away before it came it does not see.
 */
export class LogReader {
  #reader: FencedReader | undefined;
  #stop: (() => Promise<void>) | undefined;
  #trouble: string | undefined;
  /** Where the partition ended at the start. */
  #end = Number.POSITIVE_INFINITY;

  constructor(
    private readonly broker: Broker,
    readonly spec: TopicSpec,
    readonly partition: number,
    private readonly listener: LogListener,
    private readonly troubled: (error: Error) => void,
  ) {}

  /** The next offset it takes. */
  get offset(): number {
    return this.#reader?.position.offset ?? 0;
  }

  /** Whether everything that was there at the start has been taken. */
  get isRead(): boolean {
    return this.#trouble !== undefined || this.offset >= this.#end;
  }

  /** What keeps it from reading on; the figures are as of `offset` for good. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async start(): Promise<void> {
    const { name } = this.spec;
    const { start, end } = await this.broker.bounds(name, this.partition);
    this.#end = end;
    this.#reader = new FencedReader(name, this.partition, startingAt(start));
    const { stop } = await this.broker.follow(name, this.partition, start, {
      records: (records) => this.#take(records),
      failed: (error) => this.#fail(error),
    });
    this.#stop = stop;
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  #take(records: readonly StoredRecord[]): void {
    if (this.#trouble !== undefined || this.#reader === undefined) return;
    try {
      for (const record of records) this.#tell(this.#reader, record);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #tell(reader: FencedReader, record: StoredRecord): void {
    const taken = reader.take(record);
    if (taken === undefined) this.listener.fenced(this.spec.name);
    else if (isClaim(taken)) this.listener.claimed(this.spec.name);
    else this.listener.accepted(this.spec.name, taken);
  }

  #fail(error: Error): void {
    this.#trouble = error.message;
    this.troubled(error);
  }
}
