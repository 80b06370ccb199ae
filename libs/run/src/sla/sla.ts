import { type BreachAction, type Failure, SlaBreached, WHOLE_RUN } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { isRunEnding } from '../scope/scopes.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { stepAt } from '../step/steps.js';

/*
 * Service levels. One of a step runs from its first start, also while the run is paused, an operator is waited for or a retry is due. What
 * follows from a breach follows once: a step that an operator then has done again is bound by nothing any more.
 */

/** What follows when the step is not done in time; undefined: it has no service level. */
export function breachActionOf(state: RunState, step: StepIndex): BreachAction | undefined {
  const { sla } = stepIn(state, step).definition;
  return sla && (sla.onBreach ?? state.origin.compiled.sla?.onBreach ?? 'notify');
}

/** Until when the step has to be done so that nothing follows, UTC ms. */
export function boundOf(state: RunState, step: StepIndex, now: number): number {
  const action = breachActionOf(state, step);
  const { sla } = stepAt(state, step);
  if (action === undefined || action === 'notify' || sla?.at === 'over') return Number.POSITIVE_INFINITY;
  return sla?.due ?? now + (stepIn(state, step).definition.sla?.withinMs ?? Number.POSITIVE_INFINITY);
}

/** When the breach of the step is to be recorded; undefined: it is, or there is none to come. */
export function breachDue(state: RunState, step: StepIndex): number | undefined {
  const { sla } = stepAt(state, step);
  return sla?.at === 'running' ? sla.due : undefined;
}

/** The same for the run as a whole. */
export function runBreachDue(state: RunState): number | undefined {
  const { completeMs } = state.origin.compiled.sla ?? {};
  if (completeMs === undefined || state.breached === true || isRunEnding(state)) return undefined;
  return state.origin.startedAt + completeMs;
}

/** Says that the step is late, once it is. */
export function recordBreach(draft: DecisionDraft, step: StepIndex): undefined {
  const due = breachDue(draft.state, step);
  const action = breachActionOf(draft.state, step);
  if (due === undefined || action === undefined || draft.now < due) return;
  const { id } = draft.definition(step);
  draft.emit(SlaBreached({ stage: id, step: id, due, by: draft.now - due, action }));
}

/** Says that the run is late. */
export function recordRunBreach(draft: DecisionDraft): undefined {
  const due = runBreachDue(draft.state);
  if (due === undefined || draft.now < due) return;
  const { onBreach = 'notify' } = draft.state.origin.compiled.sla ?? {};
  const action = isTakenUp(draft.state) ? 'notify' : onBreach;
  draft.emit(SlaBreached({ stage: WHOLE_RUN, due, by: draft.now - due, action }));
}

/** It had ended, and an operator has taken it up again, with a time of its own: they know of it. */
function isTakenUp({ origin: { startedAt, deadline, budget, compiled } }: RunState): boolean {
  const { durationMs } = budget ?? compiled.budget;
  return deadline > startedAt + durationMs;
}

/** A step that is late, and for which something follows. */
export const breachFailure = (draft: DecisionDraft, step: StepIndex): Failure => ({
  class: 'timeout',
  code: 'sla.breached',
  message: `not done within its service level of ${draft.definition(step).sla?.withinMs} ms`,
});

/** Whether a person decides now, whatever the step says of failures. */
export const isEscalatedBreach = (draft: DecisionDraft, step: StepIndex, failure: Failure): boolean =>
  failure.code === 'sla.breached' &&
  draft.step(step).sla?.at === 'breached' &&
  breachActionOf(draft.state, step) === 'escalate';
