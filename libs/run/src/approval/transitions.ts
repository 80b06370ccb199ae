import type { Machine } from '../machine.js';
import { getItem, indicesOf } from '../tree.js';
import type { ApprovalStatus } from './state.js';

/** `none`: nobody has been asked yet. */
type Phase = ApprovalStatus | 'none';

/** The final answers of the approval service. void: granted for another call, or by too few. */
const settling = {
  'approval.granted': ['granted', 'void'],
  'approval.denied': ['denied'],
  'approval.expired': ['expired'],
  'approval.withdrawn': ['withdrawn'],
} as const;

/** A question to people. */
export const approvalMachine: Machine<Phase> = {
  table: {
    none: { 'approval.requested': ['requested'] },
    requested: { 'approval.opened': ['open'], 'approval.unneeded': ['unneeded'], ...settling },
    open: { 'approval.unneeded': ['unneeded'], ...settling },
    // The run no longer needs it, and the approval service has not read that yet.
    unneeded: settling,
    granted: {},
    void: {},
    denied: {},
    expired: {},
    withdrawn: {},
  },
  before: 'none',
  phases: ({ approvals }) => indicesOf(approvals).map((approval) => getItem(approvals, approval)?.at.status),
  input: ({ type }) => type,
};
