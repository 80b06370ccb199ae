import {
  ApprovalEscalated,
  type ApprovalEvent,
  ApprovalExpired,
  ApprovalReminded,
} from '@interlock/contracts';
import { type Approval, type ApprovalState, openOf } from './approval.state.js';

/** What has fallen due for an open request by `instant`, UTC ms. One that has expired neither reminds nor escalates any more. */
export function fallenDue(
  approvalId: string,
  { requirement, remindAt, escalateAt, expiresAt }: Approval,
  instant: number,
): ApprovalEvent[] {
  if (instant >= expiresAt) {
    return [ApprovalExpired({ approvalId, onExpiry: requirement.onExpiry ?? 'deny' })];
  }
  const events: ApprovalEvent[] = [];
  if (remindAt !== undefined && instant >= remindAt) events.push(ApprovalReminded({ approvalId }));
  if (escalateAt !== undefined && instant >= escalateAt) {
    events.push(ApprovalEscalated({ approvalId, to: requirement.escalateTo ?? [] }));
  }
  return events;
}

export const allFallenDue = (state: ApprovalState | undefined, now: number): ApprovalEvent[] =>
  openOf(state).flatMap(([approvalId, approval]) => fallenDue(approvalId, approval, now));

/** The earliest instant at which something of the run falls due, UTC ms. */
export function nextDue(state: ApprovalState | undefined): number | undefined {
  const instants = openOf(state).flatMap(([, { remindAt, escalateAt, expiresAt }]) =>
    [remindAt, escalateAt, expiresAt].filter((at) => at !== undefined),
  );
  return instants.length === 0 ? undefined : Math.min(...instants);
}
