import type { ApprovalIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { WaitingFor } from '../waiting.js';
import { approvalAt, idOf } from './approvals.js';

/** People are waited for once the approval service has opened what the run asked for. */
export function approvalWait(state: RunState, step: string, since: number, index: ApprovalIndex): WaitingFor {
  const approval = approvalAt(state, index);
  const { at, escalated, requirement } = approval;
  const approvalId = idOf(state, approval);
  const opened = 'opened' in at ? at.opened : undefined;
  if (opened === undefined) return { kind: 'call', step, since, detail: `people to be asked: ${approvalId}` };
  const { kind, approvers, escalateTo = [] } = requirement;
  const roles = escalated === true ? [...approvers, ...escalateTo] : approvers;
  const detail = `${kind} approval by ${roles.join(' or ')}: ${approvalId}`;
  const { openedAt, expiresAt: until } = opened;
  return { kind: 'approval', step, since: openedAt, until, detail, approvalId };
}
