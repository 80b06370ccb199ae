import type { Context, Decision, Input, NewEvent, TopicMessage } from '@interlock/actors';
import type {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  InfluenceFollowed,
  InfluenceForgotten,
  InfluenceLost,
  InfluenceNoted,
  MessageOf,
  PolicyEvent,
  RunEvent,
  ValueAnswer,
} from '@interlock/contracts';

/** What the approval service answers to a request that names an approval. */
export type ApprovalAnswer = MessageOf<typeof ApprovalConfirmed | typeof ApprovalUnconfirmed>;

/** What the checks of a run are asked by, and learn from. */
export type CheckMessage = RunEvent | ApprovalAnswer;

/** What policy notes for itself of a run in which a model may act. */
export type InfluenceEvent = MessageOf<
  typeof InfluenceFollowed | typeof InfluenceNoted | typeof InfluenceForgotten | typeof InfluenceLost
>;

/** What policy says. */
export type CheckEvent = PolicyEvent | InfluenceEvent;

export type Received = TopicMessage<CheckMessage>;

export type CheckInput = Input<CheckMessage, ValueAnswer>;
export type CheckContext = Context<CheckMessage>;
export type CheckDecision = Decision<CheckEvent>;
export type Answered = NewEvent<CheckEvent>;

/** An event of the run that asks for a verdict: on a request, or on the output or the proposal that it records. */
export type Question = Extract<
  Received,
  { type: 'call.requested' | 'call.recorded' | 'call.late_recorded' | 'plan.requested' | 'plan.recorded' }
>;

/** Undefined: it asks for none. */
export function questionIn(message: Received): Question | undefined {
  switch (message.type) {
    case 'call.requested':
    case 'plan.requested':
      return message;
    case 'call.recorded':
    case 'call.late_recorded':
      return message.data.check === undefined ? undefined : message;
    case 'plan.recorded':
      return message.data.asks ? message : undefined;
    default:
      return undefined;
  }
}

export const isApprovalAnswer = (message: Received): message is TopicMessage<ApprovalAnswer> =>
  message.type === 'approval.confirmed' || message.type === 'approval.unconfirmed';
