import type { RecordedEvent } from '@interlock/actors';
import type { PlanEvent } from '@interlock/contracts';

/** A model that is being asked, or was when its host died. */
export interface Attempt {
  readonly model: string;
  /** UTC ms: nobody waits for its answer longer. */
  readonly deadline: number;
}

/** The open attempts of one run, by the id of the request they answer. A run without any has no state. */
export interface PlanState {
  readonly attempts: Readonly<Record<string, Attempt>>;
}

export function evolve(state: PlanState | undefined, event: RecordedEvent<PlanEvent>): PlanState | undefined {
  const attempts = { ...state?.attempts };
  const { planId, model } = event.data;
  switch (event.type) {
    case 'plan.attempt_started':
      attempts[planId] = { model, deadline: event.data.deadline };
      break;
    case 'plan.proposed':
    case 'plan.failed':
      delete attempts[planId];
      break;
  }
  return Object.keys(attempts).length === 0 ? undefined : { attempts };
}
