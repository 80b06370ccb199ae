import { errorOf } from '@interlock/contracts';
import type { Catalogue } from './catalogue.js';
import { compact } from './compaction.js';
import type { PartitionLog } from './partition.log.js';
import type { Reader } from './reader.js';
import { dropOlderThan, trim } from './retention.js';
import type { Writer } from './writer.js';

export interface UpkeepOptions {
  readonly everyMs: number;
  /** A compacted partition is compacted when so many records have come since the last time. */
  readonly compactAfterRecords: number;
}

/** Retention, trimming and compaction in the background: at start, then every `everyMs`, and when something was cut. */
export class Upkeep {
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void>;
  #isWaiting = false;
  #isStopped = false;

  constructor(
    readonly catalogue: Catalogue,
    readonly reader: Reader,
    readonly writer: Writer,
    readonly now: () => number,
    readonly options: UpkeepOptions,
    readonly onError: (error: Error) => void,
  ) {
    this.#round = this.#tend();
    this.#timer = setInterval(() => void this.wake(), options.everyMs).unref();
  }

  /** Starts a round after the one under way, unless one waits already; resolves when it has ended. */
  wake(): Promise<void> {
    if (this.#isWaiting) return this.#round;
    this.#isWaiting = true;
    this.#round = this.#round.then(() => {
      this.#isWaiting = false;
      return this.#tend();
    });
    return this.#round;
  }

  /** Resolves once the round under way has ended, at its next step. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  async #tend(): Promise<void> {
    try {
      for (const { keep, logs } of this.catalogue.topics()) {
        for (const log of logs) {
          if (this.#isStopped) return;
          await this.#tendLog(log, keep);
        }
      }
    } catch (error) {
      if (!this.#isStopped) this.onError(errorOf(error));
    }
  }

  async #tendLog(log: PartitionLog, keep: number | string): Promise<void> {
    const { reader, writer } = this;
    await trim(log, reader, writer);
    if (typeof keep === 'number') await dropOlderThan(log, this.now() - keep, reader, writer);
    if (keep === 'compacted' && log.end - log.compactedTo >= this.options.compactAfterRecords) {
      await compact(log, reader, writer);
    }
  }
}
