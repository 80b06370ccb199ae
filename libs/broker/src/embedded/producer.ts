import { APPEND_BYTES_MAX, type NewRecord, type Offset, type Producer } from '../broker.js';
import { AppendTooLargeError, OutcomeUnknownError } from '../errors.js';
import type { Catalogue } from './catalogue.js';
import { BrokerClosedError } from './errors.js';
import { payloadBytes } from './record.codec.js';
import type { Append, Writer } from './writer.js';

/** Readers get the very buffers of the records that are appended: their author must not change them, not even after the answer. */
export class EmbeddedProducer implements Producer {
  readonly #unanswered = new Set<Append['reject']>();
  #isClosed = false;

  constructor(
    readonly catalogue: Catalogue,
    readonly writer: Writer,
  ) {}

  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Offset> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new BrokerClosedError();
      const log = this.catalogue.log(topic, partition);
      const bytes = checkedBytes(topic, records);
      const cut = (cause: Error) => reject(new OutcomeUnknownError(topic, partition, cause));
      this.#unanswered.add(cut);
      this.writer.append({
        log,
        records,
        payloadBytes: bytes,
        resolve: (offset) => {
          this.#unanswered.delete(cut);
          resolve(offset);
        },
        reject: (error) => {
          this.#unanswered.delete(cut);
          reject(error);
        },
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cut of this.#unanswered) cut(new BrokerClosedError());
    this.#unanswered.clear();
  }
}

function checkedBytes(topic: string, records: readonly NewRecord[]): number {
  if (records.length === 0) throw new RangeError('an append needs at least one record');
  let bytes = 0;
  for (const record of records) bytes += payloadBytes(record);
  if (bytes > APPEND_BYTES_MAX) throw new AppendTooLargeError(topic, bytes, APPEND_BYTES_MAX);
  return bytes;
}
