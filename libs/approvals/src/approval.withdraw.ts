import { type Decision, nothing, type TopicMessage } from '@interlock/actors';
import {
  ApprovalsClosed,
  type ApprovalUnneeded,
  ApprovalWithdrawn,
  type MessageOf,
} from '@interlock/contracts';
import { type ApprovalFact, type ApprovalState, approvalOf, openOf } from './approval.state.js';

/** The run no longer wants this one. What is settled stays settled. */
export function withdraw(
  state: ApprovalState | undefined,
  { data, offset }: TopicMessage<MessageOf<typeof ApprovalUnneeded>>,
): Decision<ApprovalFact> {
  const { approvalId, because } = data;
  if (approvalOf(state, approvalId)?.status !== 'open') return nothing;
  return { events: [{ ...ApprovalWithdrawn({ approvalId, because }), ref: offset }] };
}

/** The run has ended: what is open is withdrawn, and the run's approvals are forgotten. */
export function close(
  state: ApprovalState | undefined,
  { type, offset }: Pick<TopicMessage, 'type' | 'offset'>,
): Decision<ApprovalFact> {
  if (state === undefined) return nothing;
  const withdrawn = openOf(state).map(([approvalId]) =>
    ApprovalWithdrawn({ approvalId, because: `the run has ended: ${type}` }),
  );
  return {
    events: [...withdrawn, ApprovalsClosed({ because: type })].map((event) => ({ ...event, ref: offset })),
  };
}
