import type { TopicMessage } from '@interlock/actors';
import type { CallArmed, PolicyDecided } from '@interlock/contracts';
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

/** Armings and verdicts that wait for one another. One verdict may count for several armings of the same append. */
export interface HeldCalls {
  readonly armings: readonly Arming[];
  readonly verdicts: readonly Verdict[];
}

export function heldCalls(messages: readonly TopicMessage[]): HeldCalls {
  const armings: Arming[] = [];
  const verdicts: Verdict[] = [];
  for (const message of messages) {
    if (message.type === 'call.armed') armings.push(armingOf(message));
    else if (message.type === 'policy.decided') {
      verdicts.push({ message, said: message.data as Verdict['said'] });
    }
  }
  return { armings, verdicts };
}

function armingOf(message: TopicMessage): Arming {
  const { id, run } = message.meta;
  return { message, armId: id, runId: run ?? '', call: message.data as Arming['call'] };
}

export const needs = ({ call }: Arming, { said }: Verdict): boolean => call.needs.includes(said.checkId);

/** What is dealt with when the armings in `gone` are: they, and every verdict that no other arming waits for. */
export function releasedWith({ armings, verdicts }: HeldCalls, gone: ReadonlySet<string>): TopicMessage[] {
  const staying = armings.filter(({ armId }) => !gone.has(armId));
  return [
    ...armings.filter(({ armId }) => gone.has(armId)).map(({ message }) => message),
    ...verdicts
      .filter((verdict) => !staying.some((arming) => needs(arming, verdict)))
      .map(({ message }) => message),
  ];
}
