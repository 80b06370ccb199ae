import type { Decision } from '@interlock/actors';
import { hashOf, type PlanEvent, type Stops } from '@interlock/contracts';
import {
  type Asked,
  type DeferredPlans,
  deferredPlans,
  type PlanContext,
  type Received,
  speaksOf,
} from './deferred-plans.js';
import { authorize } from './plan.authorization.js';
import { intentOf, notAsked } from './plan.effect.js';
import type { Composer } from './request/compose.js';
import { stoppableOf, unlessStopped } from './stops.js';

/** What this process decides on requests by. */
export interface PlanRules {
  readonly compose: Composer;
  readonly stops: Stops;
}

export interface Occasion {
  /** A message that is not deferred yet. */
  readonly arrived?: Received;
  /** Every input has been read up to now, so everything that came in time has been seen. */
  readonly mayExpire?: boolean;
}

/** Goes through the deferred requests, and does for each what has become possible. */
export function advance(
  context: PlanContext,
  { compose, stops }: PlanRules,
  { arrived, mayExpire = false }: Occasion,
): Decision<PlanEvent> {
  const plans = deferredPlans(arrived === undefined ? context.deferred : [...context.deferred, arrived]);
  const events: PlanEvent[] = [];
  const gone = new Set<string>();
  for (const asked of plans.asked) {
    const authorization = unlessStopped(authorize(asked, plans, context.now, mayExpire), asked, stops);
    if (authorization.kind === 'wait') continue;
    if (authorization.kind === 'ask' && context.caughtUp === false) continue; // A4
    gone.add(asked.planId);
    if (authorization.kind === 'fail')
      events.push(notAsked(asked.planId, asked.request.model, authorization.failure, authorization.stop));
    if (authorization.kind === 'ask') events.push(intent(asked, compose, context.now)); // A1
  }
  const released = releasedWith(plans, gone);
  return {
    events,
    release: released.filter((message) => message !== arrived),
    defer: arrived !== undefined && !released.includes(arrived),
  };
}

function intent({ planId, request }: Asked, compose: Composer, now: number): PlanEvent {
  const { model, promptHash, timeoutMs } = request;
  const composed = compose(request);
  if ('class' in composed) return notAsked(planId, model, composed);
  const { body, parameters } = composed;
  const deadline = now + timeoutMs;
  return intentOf({
    planId,
    model,
    promptHash,
    requestHash: hashOf(body),
    parameters,
    body,
    stoppable: stoppableOf(request),
    deadline,
  });
}

/** The requests in `gone`, and every verdict that no other one waits for. */
function releasedWith({ asked, verdicts }: DeferredPlans, gone: ReadonlySet<string>): Received[] {
  const staying = asked.filter(({ planId }) => !gone.has(planId));
  return [
    ...asked.filter(({ planId }) => gone.has(planId)),
    ...verdicts.filter((verdict) => !staying.some((one) => speaksOf(verdict, one))),
  ].map(({ message }) => message);
}
