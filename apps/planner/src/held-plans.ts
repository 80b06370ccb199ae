import type { TopicMessage } from '@interlock/actors';
import type { PlanRequested, PolicyDecided } from '@interlock/contracts';
import type { z } from 'zod';

export type PlanRequest = z.output<typeof PlanRequested.schema>;

/** A request of a run that waits for its verdict. */
export interface Asked {
  readonly message: TopicMessage;
  readonly planId: string;
  readonly request: PlanRequest;
}

export interface Verdict {
  readonly message: TopicMessage;
  readonly said: z.output<typeof PolicyDecided.schema>;
}

export interface HeldPlans {
  readonly asked: readonly Asked[];
  readonly verdicts: readonly Verdict[];
}

export function heldPlans(messages: readonly TopicMessage[]): HeldPlans {
  const asked: Asked[] = [];
  const verdicts: Verdict[] = [];
  for (const message of messages) {
    if (message.type === 'plan.requested')
      asked.push({ message, planId: message.meta.id ?? '', request: message.data as PlanRequest });
    else if (message.type === 'policy.decided')
      verdicts.push({ message, said: message.data as Verdict['said'] });
  }
  return { asked, verdicts };
}

/** A shadow verdict decides nothing. */
export const speaksOf = ({ said }: Verdict, { planId }: Asked): boolean =>
  said.checkId === planId && said.mode === 'enforce';
