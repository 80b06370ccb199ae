import { ProjectionRows, type ReadableRecord } from '@interlock/projection';
import { type KnownHead, latestHeads } from './run.heads.projection.js';

/**
 * Heads of runs, as the audit stream tells them. The gateway signs nothing and checks nothing here: whoever reads an export checks
 * the signature, so that what a gateway shows need not be believed.
 */
export class RunHeads {
  readonly #rows = new ProjectionRows(latestHeads);
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Takes the next records of a partition. */
  take(records: readonly ReadableRecord[]): void {
    for (const record of records) for (const runId of this.#rows.take(record)) this.#moved(runId);
  }

  /** The latest head of a run: at once when it covers event `seq`, else once it does or `signal` comes. */
  async covering(runId: string, seq: number, signal: AbortSignal): Promise<KnownHead | undefined> {
    for (;;) {
      const known = this.#rows.get(runId);
      if (signal.aborted || (known !== undefined && known.seq >= seq)) return known;
      await this.#changed(runId, signal);
    }
  }

  #moved(runId: string): void {
    for (const wake of this.#waiting.get(runId) ?? []) wake();
  }

  #changed(runId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(runId) ?? new Set();
      this.#waiting.set(runId, waiting);
      const done = () => {
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(runId);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }
}
