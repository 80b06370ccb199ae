import type { ApprovalRecord } from './approval.fold.js';
import { approvalView } from './approval.view.js';
import { withinPage } from './page.bytes.js';
import type { ApprovalsRequest, KnownApproval } from './read-model.js';
import type { ReadStore } from './read-store.js';
import { type AsOf, asOf } from './run-queries.js';
import type { RunsProjection } from './runs.projection.js';

export function knownApproval<State>(
  { approvals, runs }: RunsProjection<State>,
  approvalId: string,
): KnownApproval | undefined {
  const approval = approvals.find(approvalId);
  return approval && { approval, runSeq: runs.seqOf(approval.runId) };
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
  const views = found.slice(0, limit).map((approval) => JSON.stringify(approvalView(approval)));
  const items = withinPage(views, ({ length }) => length);
  const last = found.length > items.length ? found[items.length - 1] : undefined;
  const next = last === undefined ? '' : `"next":${JSON.stringify(`${last.openedAt}.${last.approvalId}`)},`;
  return `{"items":[${items.join(',')}],${next}"asOf":${JSON.stringify(positions)}}`;
}

export function parseApprovalCursor(cursor: string): { opened: number; approval: string } {
  const dot = cursor.indexOf('.');
  return { opened: Number(cursor.slice(0, dot)), approval: cursor.slice(dot + 1) };
}
