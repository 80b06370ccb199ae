import type { StoredRecord } from '@interlock/broker';
import { BackOff } from './back-off.js';
import { ReadModelUnavailableError, readModelClosed } from './read-model.unavailable.js';
import { type AcceptedRecords, recallFor, runsToRecall } from './recall.js';
import type { RunsProjection } from './runs.projection.js';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: ReadModelUnavailableError) => void;
}

/**
 * Hands records to a projection in their order: at once, or when they move a run that is not in memory, after that run was read back
 * from the log. A log that does not answer meanwhile is asked again until it does.
 */
export class RecordIntake<State> {
  readonly #waiting: AcceptedRecords[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #closing = new AbortController();
  readonly #backOff = new BackOff();
  #trouble: ReadModelUnavailableError | undefined;

  /**
   * @param taken told whenever some were taken
   * @param report called with why the log could not be read
   */
  constructor(
    readonly projection: RunsProjection<State>,
    readonly taken: () => void,
    readonly report: (error: unknown) => void,
  ) {}

  feed(topic: string, partition: number, records: readonly StoredRecord[]): void {
    if (this.#closing.signal.aborted) return;
    const { projection } = this;
    const read = { topic, partition, accepted: projection.accepted(topic, partition, records) };
    if (this.#waiting.length === 0 && runsToRecall(projection, read).length === 0) {
      projection.take(topic, partition, read.accepted);
      this.taken();
    } else if (this.#waiting.push(read) === 1) void this.#work();
  }

  /**
   * Resolves when everything fed before is taken.
   * @throws {ReadModelUnavailableError} the log does not answer
   */
  drained(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    if (this.#trouble !== undefined) return Promise.reject(this.#trouble);
    return new Promise((resolve, reject) => this.#waiters.add({ resolve, reject }));
  }

  close(): void {
    this.#closing.abort();
    this.#reject(readModelClosed());
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    for (let next = this.#waiting[0]; next !== undefined && !signal.aborted; next = this.#waiting[0]) {
      try {
        const { topic, partition, accepted } = next;
        if (await recallFor(this.projection, next)) this.projection.take(topic, partition, accepted);
        this.#waiting.shift();
        this.#trouble = undefined;
        this.#backOff.reset();
      } catch (error) {
        if (!(error instanceof ReadModelUnavailableError)) throw error;
        if (!signal.aborted) await this.#troubled(error);
      }
    }
    if (signal.aborted) return;
    this.taken();
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters.clear();
  }

  async #troubled(error: ReadModelUnavailableError): Promise<void> {
    if (this.#trouble === undefined) this.report(error);
    this.#trouble = error;
    this.#reject(error);
    await this.#backOff.wait(this.#closing.signal);
  }

  #reject(error: ReadModelUnavailableError): void {
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters.clear();
  }
}
