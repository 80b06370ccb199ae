import { OffsetOutOfRangeError, type StoredRecord } from '@interlock/broker';
import type { RecordLog } from '../src/run.histories.js';

/** `run.events` of a test, to be read back from: whatever was fed to a read model. */
export class FedLog implements RecordLog {
  readonly #records = new Map<number, StoredRecord>();
  /** What was cut away. */
  start = 0;
  /** Thrown by the next readings. */
  failure: Error | undefined;

  keep(records: readonly StoredRecord[]): void {
    for (const record of records) this.#records.set(record.offset, record);
  }

  clear(): void {
    this.#records.clear();
    this.start = 0;
    this.failure = undefined;
  }

  /** A few at a time, so that whoever reads must go on. */
  async readAt(topic: string, partition: number, offsets: readonly number[]) {
    if (this.failure !== undefined) throw this.failure;
    return offsets.slice(0, 3).map((offset) => {
      const record = this.#records.get(offset);
      if (record === undefined || offset < this.start)
        throw new OffsetOutOfRangeError(topic, partition, offset, this.start, this.#records.size);
      return record;
    });
  }
}

/** The one of the test that runs. */
export const fedLog = new FedLog();
