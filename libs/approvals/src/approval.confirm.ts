import type { NewEvent, TopicMessage } from '@interlock/actors';
import {
  ApprovalConfirmed,
  type ApprovalEvent,
  ApprovalUnconfirmed,
  type CallRequested,
  callHashOf,
  hashedCallOf,
  type MessageOf,
} from '@interlock/contracts';
import { type Approval, type ApprovalState, approvalOf } from './approval.state.js';

/** Says of a request that names an approval whether people granted exactly this call. Every one is answered: policy waits for it. */
export function confirm(
  state: ApprovalState | undefined,
  { meta, data: call, offset }: TopicMessage<MessageOf<typeof CallRequested>>,
  runId: string,
): NewEvent<ApprovalEvent>[] {
  const { approvalId } = call;
  if (approvalId === undefined) return [];
  const named = { requestId: meta.id, approvalId, callHash: callHashOf(hashedCallOf(runId, call)) };
  const approval = approvalOf(state, approvalId);
  const answer = isGrantFor(approval, named.callHash)
    ? ApprovalConfirmed({ ...named, ...grantOf(approvalId, approval) })
    : ApprovalUnconfirmed({ ...named, because: objectionTo(approval) });
  return [{ ...answer, ref: offset }];
}

const isGrantFor = (approval: Approval | undefined, callHash: string): approval is Approval =>
  approval?.status === 'granted' && approval.callHash === callHash;

/** There is one grant an approval, so it needs no id of its own. */
const grantOf = (approvalId: string, { votes, requester }: Approval) => ({
  votes: [...votes],
  requester,
  grantId: `${approvalId}/granted`,
});

function objectionTo(approval: Approval | undefined): string {
  if (approval === undefined) return 'the run has no such approval';
  return approval.status === 'granted' ? 'people approved another call' : `it is ${approval.status}`;
}
