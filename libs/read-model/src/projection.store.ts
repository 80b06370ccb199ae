import type { InputPosition } from '@interlock/projection';
import type { ApprovalRecord } from './approval.fold.js';
import type { Batch, RunRow } from './read-store.js';
import type { StoredDecision } from './stored.decision.js';

/** What the projection needs of the place that holds its rows. */
export interface ProjectionStore {
  run(runId: string): RunRow | undefined;
  /** Events behind `after`, at most `limit`, in the order of `seq`. */
  decisions(runId: string, after: number, limit: number): readonly StoredDecision[];
  positions(): ReadonlyMap<string, InputPosition>;
  readonly approvals: {
    find(approvalId: string): ApprovalRecord | undefined;
    pendingOf(runId: string): readonly ApprovalRecord[];
  };
  /** All of it or nothing. */
  write(batch: Batch): void;
  clear(): void;
}
