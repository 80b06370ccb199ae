import { type Actor, type Decision, nothing } from '@interlock/actors';
import type { PlanEvent } from '@interlock/contracts';
import {
  deferredPlans,
  type PlanContext,
  type PlanMessage,
  type Received,
  speaksOf,
} from './deferred-plans.js';
import { advance, type PlanRules } from './plan.advance.js';
import { answerOf, type PlanResult, planEffect } from './plan.effect.js';
import { failPlans } from './plan.fault.js';
import { evolve, type PlanState } from './plan.state.js';

export interface PlanActorOptions extends PlanRules {
  /** Bound on clock differences between hosts, ms. */
  readonly clockSkewMs: number;
}

/**
 * The models that one run asks. It defers a request until policy has allowed it, and then asks the model once.
 *
 *   A1  A model is asked after `plan.attempt_started` is accepted; once started it is never started again here.
 *   A2  An attempt that its host left without an answer is closed as failed and called, without usage: the whole reservation is charged.
 *   A3  An attempt that this process performs, or whose result it holds, is not closed by recovery. One answer an attempt.
 *   A4  No model is asked before every input was read to where it ended at the claim.
 */
export function planActor({
  compose,
  stops,
  clockSkewMs,
}: PlanActorOptions): Actor<PlanState, PlanMessage, PlanEvent, PlanResult> {
  const rules = { compose, stops };
  return {
    name: 'plan',
    inputs: {
      'run.events': new Set(['plan.requested']),
      'policy.events': new Set(['policy.decided']),
    },
    key: ({ meta }) => meta.run,
    decide(input, state, context) {
      switch (input.kind) {
        case 'message':
          return onMessage(input.message, context, rules);
        case 'result':
          return { events: ended(input.effectId, input.result, state) };
        case 'recovered':
          return onTime(state, context, rules, -Infinity);
        case 'due':
          return onTime(state, context, rules, clockSkewMs);
        case 'poison':
          return nothing;
      }
    },
    answerFault: (fault, input, state, context) => failPlans(fault, input, state, context),
    evolve,
    effects: ({ type, data }) => (type === 'plan.attempt_started' ? [planEffect(data)] : []),
    due: (state, { deferred, isRunning }) => dueOf(state, deferred, isRunning, clockSkewMs),
  };
}

/** A verdict that no deferred request waits for comes too late, or is about a call of a tool. */
function onMessage(message: Received, context: PlanContext, rules: PlanRules): Decision<PlanEvent> {
  const { verdicts } = deferredPlans([message]);
  const { asked } = deferredPlans(context.deferred);
  const isAwaited = verdicts.every((verdict) => asked.some((one) => speaksOf(verdict, one)));
  return isAwaited ? advance(context, rules, { arrived: message }) : nothing;
}

/** A3 */
function ended(planId: string, result: PlanResult, state: PlanState | undefined): PlanEvent[] {
  const attempt = state?.attempts[planId];
  return attempt === undefined ? [] : [answerOf(planId, attempt.model, result)];
}

/** After a change of host, nothing of the earlier host can still be on its way into the log: open attempts are lost. */
function onTime(
  state: PlanState | undefined,
  context: PlanContext,
  rules: PlanRules,
  afterDeadlineMs: number,
): Decision<PlanEvent> {
  const advanced = advance(context, rules, { mayExpire: true });
  const lost = open(state, context.isRunning).filter(
    ([, { deadline }]) => context.now >= deadline + afterDeadlineMs,
  );
  const closed = lost.map(([planId, { model }]) => answerOf(planId, model, crashed));
  return { ...advanced, events: [...advanced.events, ...closed] };
}

/** A2 */
const crashed: PlanResult = {
  tookMs: 0,
  outcome: {
    kind: 'failed',
    called: true,
    failure: {
      class: 'outcome_unknown',
      code: 'planner.crashed',
      message: 'the planner that asked the model is gone; its answer and usage are not known',
    },
  },
};

function dueOf(
  state: PlanState | undefined,
  deferred: readonly Received[],
  isRunning: PlanContext['isRunning'],
  clockSkewMs: number,
): number | undefined {
  const dues = [
    ...deferredPlans(deferred).asked.map(({ request }) => request.notAfter),
    ...open(state, isRunning).map(([, { deadline }]) => deadline + clockSkewMs),
  ];
  return dues.length === 0 ? undefined : Math.min(...dues);
}

const open = (state: PlanState | undefined, isRunning: PlanContext['isRunning']) =>
  Object.entries(state?.attempts ?? {}).filter(([planId]) => !isRunning(planId));
