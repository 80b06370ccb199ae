import type { Broker, NewRecord, Offset, Producer } from './broker.js';
import { OutcomeUnknownError } from './errors.js';

/**
 * A producer that outlives its connection: an append without an answer ends the connection, and the next append opens another.
 *
 * With `tries` over 1 the same records are sent again, so they may be there several times: for readers that tell repeats apart.
 */
export class RenewingProducer implements Producer {
  #current: Producer | undefined;
  #closed = false;

  constructor(
    private readonly broker: Pick<Broker, 'producer'>,
    private readonly tries = 1,
  ) {}

  /** @throws {OutcomeUnknownError} none of the tries was answered */
  async append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Offset> {
    for (let left = this.tries - 1; ; left--) {
      this.#current ??= this.broker.producer();
      const producer = this.#current;
      try {
        return await producer.append(topic, partition, records);
      } catch (error) {
        if (!(error instanceof OutcomeUnknownError)) throw error;
        if (this.#current === producer) this.#current = undefined;
        await producer.close();
        if (left === 0 || this.#closed) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#current?.close();
  }
}
