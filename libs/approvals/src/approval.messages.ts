import type { Input, TopicMessage } from '@interlock/actors';
import type {
  ApprovalRequested,
  ApprovalUnneeded,
  CallRequested,
  CastVote,
  MessageOf,
  TerminalEvent,
} from '@interlock/contracts';

/** Everything that the approvals of a run read. */
export type ApprovalMessage =
  | MessageOf<typeof ApprovalRequested | typeof ApprovalUnneeded | typeof CallRequested | typeof CastVote>
  | TerminalEvent;

export type ApprovalInput = Input<ApprovalMessage>;
export type Received = TopicMessage<ApprovalMessage>;
