import type { Context, Input, TopicMessage } from '@interlock/actors';
import type {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  CallRequested,
  CallRevoked,
  HandOverOutcome,
  MessageOf,
  PolicyDecided,
} from '@interlock/contracts';
import type { CallResult, CallWaiting } from './call.effect.js';

/** Everything that the calls of a run read. */
export type CallMessage = MessageOf<
  | typeof CallRequested
  | typeof CallRevoked
  | typeof PolicyDecided
  | typeof ApprovalConfirmed
  | typeof ApprovalUnconfirmed
  | typeof HandOverOutcome
>;

export type CallInput = Input<CallMessage, CallResult | CallWaiting>;
export type CallContext = Context<CallMessage>;
export type Received = TopicMessage<CallMessage>;

export interface CallRequest {
  readonly message: Received;
  readonly requestId: string;
  readonly runId: string;
  readonly call: MessageOf<typeof CallRequested>['data'];
}

export interface Verdict {
  readonly message: Received;
  readonly said: MessageOf<typeof PolicyDecided>['data'];
}

export type Confirmation = MessageOf<typeof ApprovalConfirmed>['data'];

/** What the approval service says of a request that names an approval. */
export interface ApprovalAnswer {
  readonly message: Received;
  readonly requestId: string;
  /** Absent: there is no grant for exactly this call. */
  readonly confirmation?: Confirmation;
}

/**
 * Requests and what they wait for. One verdict may count for several requests of the same append; what the approval service says
 * counts for one.
 */
export interface DeferredCalls {
  readonly callRequests: readonly CallRequest[];
  readonly verdicts: readonly Verdict[];
  readonly approvals: readonly ApprovalAnswer[];
}

export function deferredCalls(messages: readonly Received[]): DeferredCalls {
  const callRequests: CallRequest[] = [];
  const verdicts: Verdict[] = [];
  const approvals: ApprovalAnswer[] = [];
  for (const message of messages) {
    if (message.type === 'call.requested') callRequests.push(callRequestOf(message));
    else if (message.type === 'policy.decided') verdicts.push({ message, said: message.data });
    else if (message.type === 'approval.confirmed') {
      const { data: confirmation } = message;
      approvals.push({ message, requestId: confirmation.requestId, confirmation });
    } else if (message.type === 'approval.unconfirmed') {
      approvals.push({ message, requestId: message.data.requestId });
    }
  }
  return { callRequests, verdicts, approvals };
}

function callRequestOf(message: TopicMessage<MessageOf<typeof CallRequested>>): CallRequest {
  const { id, run } = message.meta;
  return { message, requestId: id, runId: run ?? '', call: message.data };
}

/** The checks that must allow it: its own is always one of them. */
export const checksOf = ({ call, requestId }: CallRequest): string[] => [...call.needs, requestId];

export const needs = (callRequest: CallRequest, { said }: Verdict): boolean =>
  checksOf(callRequest).includes(said.checkId);

/** Approval answers do not concern a request that names no approval. */
export const isAbout = ({ call, requestId }: CallRequest, answer: ApprovalAnswer): boolean =>
  call.approvalId !== undefined && answer.requestId === requestId;

/** What is released with the requests in `gone`: they, and everything that no other request waits for. */
export function releasedWith(
  { callRequests, verdicts, approvals }: DeferredCalls,
  gone: ReadonlySet<string>,
): Received[] {
  const staying = callRequests.filter(({ requestId }) => !gone.has(requestId));
  const released = [
    ...callRequests.filter(({ requestId }) => gone.has(requestId)),
    ...verdicts.filter((verdict) => !staying.some((callRequest) => needs(callRequest, verdict))),
    ...approvals.filter((answer) => !staying.some((callRequest) => isAbout(callRequest, answer))),
  ];
  return released.map(({ message }) => message);
}
