import type { ApprovalRecord } from './approval.fold.js';
import { approvalView } from './approval.view.js';
import type { ApprovalsRequest, KnownApproval } from './read-model.js';
import type { ReadStore } from './read-store.js';
import { type AsOf, asOf } from './run-queries.js';
import type { RunsProjection } from './runs.projection.js';

export function knownApproval<State>(
  { approvals, runs }: RunsProjection<State>,
  approvalId: string,
): KnownApproval | undefined {
  const approval = approvals.find(approvalId);
  return approval && { approval, runSeq: runs.find(approval.runId)?.seq ?? 0 };
}

export function listApprovals<State>(
  projection: RunsProjection<State, ReadStore>,
  request: ApprovalsRequest,
): string {
  projection.flush();
  const { limit, cursor, ...filter } = request;
  const before = cursor === undefined ? undefined : parseApprovalCursor(cursor);
  const found = projection.store.approvals.list({ ...filter, before, limit: limit + 1 });
  return approvalPage(found, limit, asOf(projection));
}

/** @param found newest first, one more than `limit` when there are more */
export function approvalPage(found: readonly ApprovalRecord[], limit: number, positions: AsOf): string {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const next = last && `${last.openedAt}.${last.approvalId}`;
  return JSON.stringify({ items: page.map(approvalView), next, asOf: positions });
}

export function parseApprovalCursor(cursor: string): { opened: number; approval: string } {
  const dot = cursor.indexOf('.');
  return { opened: Number(cursor.slice(0, dot)), approval: cursor.slice(dot + 1) };
}
