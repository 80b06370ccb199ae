import type { Broker, StoredRecord } from '@interlock/broker';
import { runCommands, runEvents } from '@interlock/contracts';
import { isSameLog, PartitionReader } from '@interlock/projection';
import { BackOff } from './back-off.js';
import type { ReadModel } from './read-model.js';
import { ReadModelUnavailableError } from './read-model.unavailable.js';

const topics = [runCommands.name, runEvents.name] as const;
const CATCH_UP_MS = 1_000;

/** Told of the next records of a partition. */
export type InputListener = (topic: string, partition: number, records: readonly StoredRecord[]) => void;

/**
 * Reads every partition of the read model's topics whole, from where the read model stands; and again from the start when its store was
 * lost. An unavailable store affects only readers: it is tried again with back-off until it is back.
 */
export class ReadModelInputs {
  readonly #readers = new Map<string, PartitionReader>();
  readonly #listeners: InputListener[] = [];
  readonly #stopping = new AbortController();
  readonly #backOff = new BackOff();
  #isRead = false;
  #unavailable: string | undefined;

  /** @param onAvailability called with the reason each time the store becomes unavailable, and with undefined when it is back */
  constructor(
    readonly broker: Broker,
    readonly readModel: ReadModel,
    readonly partitions: number,
    readonly failed: (error: Error) => void,
    readonly onAvailability: (unavailable: string | undefined) => void = () => undefined,
  ) {}

  /** Whether everything that was there at the start has been read, and reads are answered. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Tells of what is fed from now on; some of it again when the read model was lost. */
  onFed(listener: InputListener): void {
    this.#listeners.push(listener);
  }

  /** Why the read model's store is unavailable, or being filled again; undefined: it is not. */
  get unavailable(): string | undefined {
    return this.#unavailable;
  }

  /** Reads until `stop`. @throws what the broker throws */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const reason = await this.#readUntilLost(signal);
      this.#isRead = false;
      await this.#stopReading();
      if (reason === undefined || signal.aborted) return;
      if (this.#unavailable === undefined) this.onAvailability(reason);
      this.#unavailable = reason;
      await this.#backOff.wait(signal);
    }
  }

  /** Why feeding has to begin anew. */
  async #readUntilLost(signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.readModel.resume();
      await this.#read();
      await this.readModel.serve();
      if (this.#unavailable !== undefined) this.onAvailability(undefined);
      this.#unavailable = undefined;
      this.#isRead = true;
      this.#backOff.reset();
      return await this.readModel.lost(signal);
    } catch (error) {
      if (error instanceof ReadModelUnavailableError) return error.reason;
      throw error;
    }
  }

  async #read(): Promise<void> {
    if (!(await this.#isSameLog())) await this.readModel.clear();
    const starting = [...this.#places()].map(async ([topic, partition]) => {
      const { next } = await this.readModel.startOf(topic, partition);
      const sink = {
        take: (records: readonly StoredRecord[]) => {
          this.readModel.feed(topic, partition, records);
          for (const listener of this.#listeners) listener(topic, partition, records);
        },
        settle: () => this.readModel.drain(),
        stopped: this.failed,
      };
      const reader = new PartitionReader(this.broker, topic, partition, sink, next);
      this.#readers.set(`${topic}/${partition}`, reader);
      await reader.start();
    });
    // Awaits all of them, so that none begins to follow after the stop.
    for (const started of await Promise.allSettled(starting)) {
      if (started.status === 'rejected') throw started.reason;
    }
  }

  /** Whether all that is there now about runs of `partition` is read; waits for it a second at most. */
  async caughtUp(partition: number): Promise<boolean> {
    const answers = topics.map((topic) => this.#readers.get(`${topic}/${partition}`)?.caughtUp(CATCH_UP_MS));
    return (await Promise.all(answers)).every((answer) => answer === true);
  }

  /** How far it has read, by partition. */
  asOf(): { readonly topic: string; readonly partition: number; readonly offset: number }[] {
    return [...this.#readers.values()].map(({ topic, partition, next }) => ({
      topic,
      partition,
      offset: next,
    }));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopReading();
  }

  async #stopReading(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()));
    this.#readers.clear();
  }

  /** A read model of another log (a new cluster, an emptied data directory) must not be continued. */
  async #isSameLog(): Promise<boolean> {
    for (const [topic, partition] of this.#places()) {
      const start = await this.readModel.startOf(topic, partition);
      if (!(await isSameLog(this.broker, topic, partition, start))) return false;
    }
    return true;
  }

  *#places(): Iterable<readonly [topic: string, partition: number]> {
    for (const topic of topics) {
      for (let partition = 0; partition < this.partitions; partition++) yield [topic, partition];
    }
  }
}
