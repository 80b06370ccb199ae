import type { TopicMessage } from '@interlock/actors';
import type { ApprovalConfirmed, ApprovalUnconfirmed, CallArmed, PolicyDecided } from '@interlock/contracts';
import type { z } from 'zod';

export interface Arming {
  readonly message: TopicMessage;
  readonly armId: string;
  readonly runId: string;
  readonly call: z.output<typeof CallArmed.schema>;
}

export interface Verdict {
  readonly message: TopicMessage;
  readonly said: z.output<typeof PolicyDecided.schema>;
}

export type Confirmation = z.output<typeof ApprovalConfirmed.schema>;

/** What the approval service says of an arming that names an approval. */
export interface ApprovalAnswer {
  readonly message: TopicMessage;
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

export function heldCalls(messages: readonly TopicMessage[]): HeldCalls {
  const armings: Arming[] = [];
  const verdicts: Verdict[] = [];
  const approvals: ApprovalAnswer[] = [];
  for (const message of messages) {
    if (message.type === 'call.armed') armings.push(armingOf(message));
    else if (message.type === 'policy.decided') {
      verdicts.push({ message, said: message.data as Verdict['said'] });
    } else if (message.type === 'approval.confirmed') {
      const confirmation = message.data as Confirmation;
      approvals.push({ message, armId: confirmation.armId, confirmation });
    } else if (message.type === 'approval.unconfirmed') {
      approvals.push({ message, armId: (message.data as Unconfirmed).armId });
    }
  }
  return { armings, verdicts, approvals };
}

type Unconfirmed = z.output<typeof ApprovalUnconfirmed.schema>;

function armingOf(message: TopicMessage): Arming {
  const { id, run } = message.meta;
  return { message, armId: id, runId: run ?? '', call: message.data as Arming['call'] };
}

export const needs = ({ call }: Arming, { said }: Verdict): boolean => call.needs.includes(said.checkId);

/** An arming that names no approval hears nothing of one. */
export const isAbout = ({ call, armId }: Arming, answer: ApprovalAnswer): boolean =>
  call.approvalId !== undefined && answer.armId === armId;

/** What is dealt with when the armings in `gone` are: they, and everything that no other arming waits for. */
export function releasedWith(
  { armings, verdicts, approvals }: HeldCalls,
  gone: ReadonlySet<string>,
): TopicMessage[] {
  const staying = armings.filter(({ armId }) => !gone.has(armId));
  const released = [
    ...armings.filter(({ armId }) => gone.has(armId)),
    ...verdicts.filter((verdict) => !staying.some((arming) => needs(arming, verdict))),
    ...approvals.filter((answer) => !staying.some((arming) => isAbout(arming, answer))),
  ];
  return released.map(({ message }) => message);
}
