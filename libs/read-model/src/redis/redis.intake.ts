import type { StoredRecord } from '@interlock/broker';
import { ReadModelUnavailableError } from '../read-model.unavailable.js';
import type { Batch, RunRow } from '../read-store.js';
import type { RunsProjection } from '../runs.projection.js';
import type { PreloadedStore } from './preloaded.store.js';
import { redisBatch } from './redis.batch.js';
import { preload } from './redis.preload.js';
import type { RedisStore } from './redis.store.js';

interface Fed {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly StoredRecord[];
}

interface Waiter {
  readonly fed: number;
  readonly resolve: () => void;
  readonly reject: (error: ReadModelUnavailableError) => void;
}

const BATCH_RECORDS = 500;
/** Redis does nothing else while it takes a batch: what is fed at once is taken at once, and no more beside it than this. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** More than this waiting: the log comes faster than Redis takes it, and is read again at Redis's pace. */
const WAITING_RECORDS_MAX = 20_000;

/**
 * Takes records through a projection into Redis, a batch at a time: fetch what they need, fold, store. A batch that cannot be
 * stored ends it; then nothing is kept, because everything can be read again from where the store stands.
 */
export class RedisIntake<State> {
  readonly #queue: Fed[] = [];
  readonly #waiters: Waiter[] = [];
  /** Own position behind the last batch that is stored, by whomever. */
  readonly #bases: Map<string, number>;
  /** How far Redis was when it last said so. */
  readonly #known: Map<string, number>;
  #waiting = 0;
  #fed = 0;
  #stored = 0;
  #isWorking = false;
  #ended: ReadModelUnavailableError | undefined;

  /**
   * @param found called with rows that are stored already, perhaps by another gateway
   * @param failed called once, when a batch could not be stored
   */
  constructor(
    readonly store: RedisStore,
    readonly projection: RunsProjection<State, PreloadedStore>,
    readonly found: (runs: ReadonlyMap<string, RunRow>) => void,
    readonly failed: (error: unknown) => void,
  ) {
    const stands = [...projection.store.stands].map(
      ([name, { position }]) => [name, position.offset] as const,
    );
    this.#bases = new Map(stands);
    this.#known = new Map(stands);
  }

  feed(topic: string, partition: number, records: readonly StoredRecord[]): void {
    if (this.#ended !== undefined) return;
    this.#queue.push({ topic, partition, records });
    this.#fed++;
    this.#waiting += records.length;
    if (this.#waiting > WAITING_RECORDS_MAX) {
      this.#fail(
        new ReadModelUnavailableError(
          'Redis takes less than the log brings; what it has not taken is read again',
        ),
      );
    } else if (!this.#isWorking) void this.#work();
  }

  /**
   * Resolves when what was fed before is stored.
   * @throws {ReadModelUnavailableError} it was not, and will not be
   */
  drained(): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#stored === this.#fed) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ fed: this.#fed, resolve, reject }));
  }

  /** Takes nothing more. */
  end(error: ReadModelUnavailableError): void {
    this.#ended ??= error;
    this.#queue.length = 0;
    for (const { reject } of this.#waiters.splice(0)) reject(this.#ended);
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      while (this.#queue.length > 0) {
        const batch = this.#nextBatch();
        await this.#take(batch);
        this.#stored += batch.length;
        while ((this.#waiters[0]?.fed ?? Number.POSITIVE_INFINITY) <= this.#stored)
          this.#waiters.shift()?.resolve();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#isWorking = false;
  }

  async #take(batch: readonly Fed[]): Promise<void> {
    const { projection, store } = this;
    const read = batch.map(({ topic, partition, records }) => ({
      topic,
      partition,
      accepted: projection.accepted(topic, partition, records),
    }));
    const { ready, found } = await preload(store, projection, read);
    this.found(found);
    if (this.#ended !== undefined) return;
    for (const { topic, partition, accepted } of ready) projection.take(topic, partition, accepted);
    projection.flush();
    const written = projection.store.takeWritten();
    if (written !== undefined) await this.#write(written);
  }

  async #write(batch: Batch): Promise<void> {
    const moved = new Map(
      [...batch.positions].filter(([name, { position }]) => position.offset > (this.#bases.get(name) ?? 0)),
    );
    const isKnown = [...moved].every(
      ([name, { position }]) => (this.#known.get(name) ?? 0) >= position.offset,
    );
    if (!isKnown) {
      const sent = redisBatch({ ...batch, positions: moved }, this.#bases);
      for (const [name, offset] of await this.store.store(sent)) this.#known.set(name, offset);
    }
    for (const [name, { position }] of moved) this.#bases.set(name, position.offset);
  }

  #nextBatch(): Fed[] {
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const fed of this.#queue) {
      bytes += fed.records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      if (count > 0 && (records + fed.records.length > BATCH_RECORDS || bytes > BATCH_BYTES)) break;
      records += fed.records.length;
      count++;
    }
    this.#waiting -= records;
    return this.#queue.splice(0, count);
  }

  #fail(error: unknown): void {
    if (this.#ended === undefined) this.failed(error);
  }
}
