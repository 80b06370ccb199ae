import type { ApprovalRecord } from '../approval.fold.js';
import type { ProjectionStore } from '../projection.store.js';
import type { Batch, RunRow } from '../read-store.js';
import type { Positions } from './redis.store.js';

/** A run as Redis held it when it was fetched. */
export interface LoadedRun {
  readonly row: RunRow | undefined;
  /** Of its events, also of one without a row; 0: none. */
  readonly lastSeq: number;
}

/** What a projection asks for while it takes a batch, fetched from Redis before; and what it wants to be stored after it. */
export class PreloadedStore implements ProjectionStore {
  #runs: ReadonlyMap<string, LoadedRun> = new Map();
  #approvals: ReadonlyMap<string, readonly ApprovalRecord[]> = new Map();
  #written: Batch | undefined;

  /** @param stands where the projection goes on */
  constructor(readonly stands: Positions) {}

  /** Puts what the next batch needs in the place of what the last one needed. */
  load(
    runs: ReadonlyMap<string, LoadedRun>,
    approvals: ReadonlyMap<string, readonly ApprovalRecord[]>,
  ): void {
    this.#runs = runs;
    this.#approvals = approvals;
  }

  /** What was written since the last call. */
  takeWritten(): Batch | undefined {
    const written = this.#written;
    this.#written = undefined;
    return written;
  }

  run(runId: string): RunRow | undefined {
    return this.#loaded(runId).row;
  }

  lastSeq(runId: string): number {
    return this.#loaded(runId).lastSeq;
  }

  positions(): Positions {
    return this.stands;
  }

  readonly approvals = {
    find: (approvalId: string): ApprovalRecord | undefined => {
      for (const own of this.#approvals.values()) {
        const found = own.find((approval) => approval.approvalId === approvalId);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    pendingOf: (runId: string): readonly ApprovalRecord[] =>
      (this.#approvals.get(runId) ?? []).filter(({ status }) => status === 'pending'),
  };

  write({ runs, places, approvals, positions }: Batch): void {
    this.#written = { runs: [...runs], places, approvals: [...approvals], positions };
  }

  clear(): void {
    this.load(new Map(), new Map());
  }

  #loaded(runId: string): LoadedRun {
    const loaded = this.#runs.get(runId);
    if (loaded === undefined) throw new Error(`run ${runId} was not fetched before it was needed`);
    return loaded;
  }
}
