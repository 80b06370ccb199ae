import type { Context, Input, TopicMessage } from '@interlock/actors';
import type {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  CallArmed,
  CallDisarmed,
  HandOverOutcome,
  MessageOf,
  PolicyDecided,
} from '@interlock/contracts';
import type { CallResult, CallWaiting } from './call.effect.js';

/** Everything that the calls of a run read. */
export type CallMessage = MessageOf<
  | typeof CallArmed
  | typeof CallDisarmed
  | typeof PolicyDecided
  | typeof ApprovalConfirmed
  | typeof ApprovalUnconfirmed
  | typeof HandOverOutcome
>;

export type CallInput = Input<CallMessage, CallResult | CallWaiting>;
export type CallContext = Context<CallMessage>;
export type Received = TopicMessage<CallMessage>;

export interface Arming {
  readonly message: Received;
  readonly armId: string;
  readonly runId: string;
  readonly call: MessageOf<typeof CallArmed>['data'];
}

export interface Verdict {
  readonly message: Received;
  readonly said: MessageOf<typeof PolicyDecided>['data'];
}

export type Confirmation = MessageOf<typeof ApprovalConfirmed>['data'];

/** What the approval service says of an arming that names an approval. */
export interface ApprovalAnswer {
  readonly message: Received;
  readonly armId: string;
  /** Absent: there is no grant for exactly this call. */
  readonly confirmation?: Confirmation;
}

/**
 * Armings and what they wait for. One verdict may count for several armings of the same append; what the approval service says
 * counts for one.
 */
export interface HeldCalls {
  readonly armings: readonly Arming[];
  readonly verdicts: readonly Verdict[];
  readonly approvals: readonly ApprovalAnswer[];
}

export function heldCalls(messages: readonly Received[]): HeldCalls {
  const armings: Arming[] = [];
  const verdicts: Verdict[] = [];
  const approvals: ApprovalAnswer[] = [];
  for (const message of messages) {
    if (message.type === 'call.armed') armings.push(armingOf(message));
    else if (message.type === 'policy.decided') verdicts.push({ message, said: message.data });
    else if (message.type === 'approval.confirmed') {
      const { data: confirmation } = message;
      approvals.push({ message, armId: confirmation.armId, confirmation });
    } else if (message.type === 'approval.unconfirmed') {
      approvals.push({ message, armId: message.data.armId });
    }
  }
  return { armings, verdicts, approvals };
}

function armingOf(message: TopicMessage<MessageOf<typeof CallArmed>>): Arming {
  const { id, run } = message.meta;
  return { message, armId: id, runId: run ?? '', call: message.data };
}

export const needs = ({ call }: Arming, { said }: Verdict): boolean => call.needs.includes(said.checkId);

/** An arming that names no approval hears nothing of one. */
export const isAbout = ({ call, armId }: Arming, answer: ApprovalAnswer): boolean =>
  call.approvalId !== undefined && answer.armId === armId;

/** What is dealt with when the armings in `gone` are: they, and everything that no other arming waits for. */
export function releasedWith(
  { armings, verdicts, approvals }: HeldCalls,
  gone: ReadonlySet<string>,
): Received[] {
  const staying = armings.filter(({ armId }) => !gone.has(armId));
  const released = [
    ...armings.filter(({ armId }) => gone.has(armId)),
    ...verdicts.filter((verdict) => !staying.some((arming) => needs(arming, verdict))),
    ...approvals.filter((answer) => !staying.some((arming) => isAbout(arming, answer))),
  ];
  return released.map(({ message }) => message);
}
