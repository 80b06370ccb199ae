import { type Decision, type NewEvent, nothing, type TopicMessage } from '@interlock/actors';
import {
  ApprovalsClosed,
  type ApprovalUnneeded,
  ApprovalWithdrawn,
  type MessageOf,
} from '@interlock/contracts';
import { type ApprovalState, approvalOf, openOf } from './approval.state.js';

type Unneeded = MessageOf<typeof ApprovalUnneeded>['data'];

/** The run no longer wants this one. What is settled stays settled. */
export function withdraw(state: ApprovalState | undefined, { data, offset }: TopicMessage): Decision {
  const { approvalId, because } = data as Unneeded;
  if (approvalOf(state, approvalId)?.status !== 'open') return nothing;
  return { events: [{ ...ApprovalWithdrawn({ approvalId, because }), ref: offset }] };
}

/** The run has ended: what is open is withdrawn, and the run's approvals are forgotten. */
export function close(state: ApprovalState | undefined, { type, offset }: TopicMessage): Decision {
  if (state === undefined) return nothing;
  const withdrawn: NewEvent[] = openOf(state).map(([approvalId]) =>
    ApprovalWithdrawn({ approvalId, because: `the run has ended: ${type}` }),
  );
  return {
    events: [...withdrawn, ApprovalsClosed({ because: type })].map((event) => ({ ...event, ref: offset })),
  };
}
