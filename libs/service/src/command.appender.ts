import {
  APPEND_BYTES_MAX,
  type Broker,
  type NewRecord,
  OutcomeUnknownError,
  type Producer,
} from '@interlock/broker';

interface Waiting {
  readonly record: NewRecord;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Lane {
  readonly queue: Waiting[];
  /** While it works on its queue. */
  working: Promise<void> | undefined;
}

/** Kept free for the broker's own framing. */
const BATCH_BYTES_MAX = APPEND_BYTES_MAX - 64 * 1024;
const TRIES = 3;

/**
 * Appends commands to plain topics. What comes while an append is under way goes into the next one, so many requests
 * share a commit. An append without an answer is repeated: readers tell repeats apart by their commandId.
 */
export class CommandAppender {
  readonly #lanes = new Map<string, Lane>();
  #producer: Producer | undefined;

  constructor(readonly broker: Broker) {}

  /**
   * Resolves when the record is durable.
   * @throws {OutcomeUnknownError} still no answer after some tries: it may be there. Repeating the command is safe
   */
  append(topic: string, partition: number, record: NewRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      const lane = this.#lane(topic, partition);
      lane.queue.push({ record, bytes: sizeOf(record), resolve, reject });
      lane.working ??= this.#work(lane, topic, partition);
    });
  }

  /** Resolves after every append has its answer. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(({ working }) => working));
    await this.#producer?.close();
  }

  #lane(topic: string, partition: number): Lane {
    const name = `${topic}/${partition}`;
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { queue: [], working: undefined };
    this.#lanes.set(name, lane);
    return lane;
  }

  async #work(lane: Lane, topic: string, partition: number): Promise<void> {
    while (lane.queue.length > 0) {
      const batch = nextBatch(lane.queue);
      try {
        await this.#write(
          topic,
          partition,
          batch.map(({ record }) => record),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    lane.working = undefined;
  }

  async #write(topic: string, partition: number, records: readonly NewRecord[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#producer ??= this.broker.producer();
      const producer = this.#producer;
      try {
        await producer.append(topic, partition, records);
        return;
      } catch (error) {
        if (!(error instanceof OutcomeUnknownError)) throw error;
        if (this.#producer === producer) this.#producer = undefined;
        void producer.close().catch(() => undefined);
        if (tries === TRIES) throw error;
      }
    }
  }
}

function nextBatch(queue: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const waiting of queue) {
    bytes += waiting.bytes;
    if (count > 0 && bytes > BATCH_BYTES_MAX) break;
    count++;
  }
  return queue.splice(0, count);
}

function sizeOf({ key, value, headers }: NewRecord): number {
  const headerBytes = Object.values(headers).reduce((sum, bytes) => sum + bytes.length + 8, 0);
  return key.length + (value?.length ?? 0) + headerBytes + 32;
}
