import type { Input, TopicMessage } from '@interlock/actors';
import type {
  ApprovalRequested,
  ApprovalUnneeded,
  CallArmed,
  CastVote,
  MessageOf,
  TerminalEvent,
} from '@interlock/contracts';

/** Everything that the approvals of a run read. */
export type ApprovalMessage =
  | MessageOf<typeof ApprovalRequested | typeof ApprovalUnneeded | typeof CallArmed | typeof CastVote>
  | TerminalEvent;

export type ApprovalInput = Input<ApprovalMessage>;
export type Received = TopicMessage<ApprovalMessage>;
