import type { InputPosition } from '@interlock/projection';
import type { ApprovalRecord } from './approval.fold.js';
import type { Batch, RunRow } from './read-store.js';

/** What the projection needs of the place that holds its rows. */
export interface ProjectionStore {
  run(runId: string): RunRow | undefined;
  /** Of the events of a run that are stored, also of one without a row; 0: none. */
  lastSeq(runId: string): number;
  positions(): ReadonlyMap<string, InputPosition>;
  readonly approvals: {
    find(approvalId: string): ApprovalRecord | undefined;
    pendingOf(runId: string): readonly ApprovalRecord[];
  };
  /** Writes all of the batch or nothing. */
  write(batch: Batch): void;
  clear(): void;
}
