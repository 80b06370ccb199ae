import type { Effect } from '@interlock/actors';
import {
  type CodedFailure,
  type MessageOf,
  PlanAttemptStarted,
  type PlanEvent,
  PlanFailed,
  PlanProposed,
  type Proposal,
  type StopNote,
  type Usage,
} from '@interlock/contracts';
import type { z } from 'zod';

/** The planner does exactly what the accepted intent says: it holds the body as it is sent. */
export type PlanEffect = z.output<typeof PlanAttemptStarted.schema>;

export const planEffect = (intent: PlanEffect): Effect => ({ id: intent.planId, kind: 'plan', data: intent });

/** What became of it. `usage` absent: nobody knows, so the worst case is charged. */
export interface PlanResult {
  readonly tookMs: number;
  readonly outcome:
    | { readonly kind: 'proposed'; readonly proposal: Proposal }
    /** `called: false`: surely no model was asked. */
    | {
        readonly kind: 'failed';
        readonly failure: CodedFailure;
        readonly called: boolean;
        readonly stop?: StopNote;
      };
  readonly usage?: Usage;
  readonly costUsd?: number;
  readonly raw?: string;
}

export function answerOf(planId: string, model: string, { outcome, ...rest }: PlanResult): PlanEvent {
  const about = { planId, model, ...rest };
  return outcome.kind === 'proposed'
    ? PlanProposed({ ...about, proposal: outcome.proposal })
    : failedOf(about, outcome);
}

const failedOf = (
  about: Omit<MessageOf<typeof PlanFailed>['data'], 'failure' | 'called' | 'stop'>,
  { failure, called, stop }: Extract<PlanResult['outcome'], { kind: 'failed' }>,
): PlanEvent => PlanFailed({ ...about, failure, called, ...(stop !== undefined && { stop }) });

/** A request that never reached a model. */
export const notAsked = (planId: string, model: string, failure: CodedFailure, stop?: StopNote): PlanEvent =>
  PlanFailed({ planId, model, tookMs: 0, failure, called: false, ...(stop !== undefined && { stop }) });

export const intentOf = (intent: PlanEffect): PlanEvent => PlanAttemptStarted(intent);
