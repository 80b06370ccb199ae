import type { Context, Input, TopicMessage } from '@interlock/actors';
import type { MessageOf, PlanRequested, PolicyDecided } from '@interlock/contracts';
import type { PlanResult } from './plan.effect.js';

/** Every message that a run's plan requests depend on. */
export type PlanMessage = MessageOf<typeof PlanRequested | typeof PolicyDecided>;

export type PlanInput = Input<PlanMessage, PlanResult>;
export type PlanContext = Context<PlanMessage>;
export type Received = TopicMessage<PlanMessage>;

export type PlanRequest = MessageOf<typeof PlanRequested>['data'];

/** A request of a run that waits for its verdict. */
export interface Asked {
  readonly message: Received;
  readonly planId: string;
  readonly request: PlanRequest;
}

export interface Verdict {
  readonly message: Received;
  readonly said: MessageOf<typeof PolicyDecided>['data'];
}

export interface DeferredPlans {
  readonly asked: readonly Asked[];
  readonly verdicts: readonly Verdict[];
}

export function deferredPlans(messages: readonly Received[]): DeferredPlans {
  const asked: Asked[] = [];
  const verdicts: Verdict[] = [];
  for (const message of messages) {
    if (message.type === 'plan.requested')
      asked.push({ message, planId: message.meta.id ?? '', request: message.data });
    else verdicts.push({ message, said: message.data });
  }
  return { asked, verdicts };
}

/** A shadow verdict decides nothing. */
export const speaksOf = ({ said }: Verdict, { planId }: Asked): boolean =>
  said.checkId === planId && said.mode === 'enforce';
