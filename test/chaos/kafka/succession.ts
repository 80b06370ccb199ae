import { isClaim, open } from '@interlock/log';
import type { LogRecorder, Passing } from './log.recorder.ts';

/** What became of one partition of `run.events` after its owner was killed, ms since the kill. */
export interface Succession {
  readonly partition: number;
  readonly claimedAfterMs: number;
  readonly decidedAfterMs: number;
}

/**
 * Watches `run.events` from now on: for each of `partitions` the first claim, and the first decision that names it. Claims of
 * before the call do not count.
 */
export class SuccessionWatch {
  readonly #since = performance.now();
  readonly #claims = new Map<number, { epoch: number; afterMs: number }>();
  readonly #found = new Map<number, Succession>();
  readonly #stop: () => void;

  constructor(recorder: LogRecorder) {
    this.#stop = recorder.onRecord((passing) => this.#see(passing));
  }

  get found(): Succession[] {
    return [...this.#found.values()].sort((a, b) => a.decidedAfterMs - b.decidedAfterMs);
  }

  stop(): void {
    this.#stop();
  }

  #see({ topic, partition, record }: Passing): void {
    const opened = topic === 'run.events' ? open(record) : undefined;
    if (opened === undefined || this.#found.has(partition)) return;
    const afterMs = Math.round(performance.now() - this.#since);
    if (isClaim(opened)) this.#claims.set(partition, { epoch: record.offset, afterMs });
    const claim = this.#claims.get(partition);
    if (claim === undefined || opened.meta.epoch !== claim.epoch || opened.meta.run === undefined) return;
    this.#found.set(partition, { partition, claimedAfterMs: claim.afterMs, decidedAfterMs: afterMs });
  }
}
