import { approvalIdOf } from '../ids.js';
import type { ApprovalIndex } from '../indices.js';
import { findSeq } from '../lists.js';
import type { RunState } from '../state.js';
import { itemAt, setItem } from '../tree.js';
import type { Approval } from './state.js';

export const approvalAt = (state: RunState, approval: ApprovalIndex): Approval =>
  itemAt(state.approvals, approval);

export const idOf = ({ origin }: RunState, { seq }: Approval): string => approvalIdOf(origin.runId, seq);

/** undefined: this run never asked for it. */
export function findApproval(state: RunState, approvalId: string): ApprovalIndex | undefined {
  const { runId } = state.origin;
  if (!approvalId.startsWith(`${runId}.`)) return undefined;
  return findSeq(state.approvals, Number(approvalId.slice(runId.length + 1)));
}

/** @throws this run never asked for it: then an event names what no event before it has brought */
export function approvalOf(state: RunState, approvalId: string): ApprovalIndex {
  const approval = findApproval(state, approvalId);
  if (approval === undefined) throw new Error(`run ${state.origin.runId} has no approval ${approvalId}`);
  return approval;
}

export const putApproval = (
  state: RunState,
  approval: ApprovalIndex,
  change: Partial<Approval>,
): RunState => ({
  ...state,
  approvals: setItem(state.approvals, approval, { ...approvalAt(state, approval), ...change }),
});
