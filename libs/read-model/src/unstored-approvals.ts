import type { RecordedEvent } from '@interlock/actors';
import { type ApprovalOpened, type MessageOf, terminalEventTypes } from '@interlock/contracts';
import { type ApprovalRecord, type AskingRun, approvalAfter, openedApproval } from './approval.fold.js';
import type { ProjectionStore } from './projection.store.js';

/** Approvals of the runs read, with those that moved since they were last stored. */
export class UnstoredApprovals {
  readonly #moved = new Map<string, ApprovalRecord>();

  constructor(readonly table: ProjectionStore['approvals']) {}

  /** Those that moved since `settle`. */
  get moved(): Iterable<ApprovalRecord> {
    return this.#moved.values();
  }

  find(approvalId: string): ApprovalRecord | undefined {
    return this.#moved.get(approvalId) ?? this.table.find(approvalId);
  }

  /** Takes the next event of a run. @param run asked for only when it opens an approval */
  take(event: RecordedEvent, runId: string, run: () => AskingRun): void {
    if (terminalEventTypes.has(event.type)) {
      for (const approval of this.#pendingOf(runId)) this.#set(approvalAfter(approval, event));
    } else if (event.type === 'approval.opened') {
      const opened = event.data as MessageOf<typeof ApprovalOpened>['data'];
      this.#set(openedApproval(run(), opened, event));
    } else if (event.type.startsWith('approval.')) {
      const known = this.find((event.data as { approvalId: string }).approvalId);
      if (known !== undefined) this.#set(approvalAfter(known, event));
    }
  }

  /** They are stored now. */
  settle(): void {
    this.#moved.clear();
  }

  #set(approval: ApprovalRecord): void {
    this.#moved.set(approval.approvalId, approval);
  }

  #pendingOf(runId: string): ApprovalRecord[] {
    const stored = [...this.table.pendingOf(runId)].filter(({ approvalId }) => !this.#moved.has(approvalId));
    const moved = [...this.#moved.values()].filter(
      (approval) => approval.runId === runId && approval.status === 'pending',
    );
    return [...stored, ...moved];
  }
}
