import type { Failure } from '@interlock/contracts';
import { durationExceeded } from '../budget.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, StepIndex } from '../indices.js';
import { boundOf, breachFailure, recordBreach } from '../sla/sla.js';

/** The deadline of a step: its own or that of the run, UTC ms. */
export function stepDeadline(draft: DecisionDraft, step: StepIndex): number {
  const { deadline } = draft.state.origin;
  return Math.min(deadline, totalEnd(draft, step), boundOf(draft.state, step, draft.now));
}

function totalEnd(draft: DecisionDraft, step: StepIndex): number {
  const { totalMs = Number.POSITIVE_INFINITY } = draft.definition(step).timeout;
  const { startedAt = draft.now } = draft.step(step);
  return startedAt + totalMs;
}

/** A call has the deadline of the step that it is made for. */
export function callDeadline(draft: DecisionDraft, call: CallIndex): number {
  const owner = draft.owner(call);
  const step = owner.step(draft.state, call);
  return owner.outlastsRun || step === undefined ? Number.POSITIVE_INFINITY : stepDeadline(draft, step);
}

/** The failure of a step whose time is up. */
export function timedOut(draft: DecisionDraft, step: StepIndex): Failure {
  if (draft.isOverdue) return durationExceeded(draft.state);
  const bound = boundOf(draft.state, step, draft.now);
  if (draft.now < bound || totalEnd(draft, step) < bound)
    return tooSlow(draft.definition(step).timeout.totalMs);
  recordBreach(draft, step);
  return breachFailure(draft, step);
}

const tooSlow = (totalMs: number | undefined): Failure => ({
  class: 'timeout',
  code: 'step.timeout',
  message: `not done within ${totalMs} ms`,
});

/** The failure of a call whose time is up. */
export const callTimedOut = (draft: DecisionDraft, call: CallIndex): Failure =>
  timedOut(draft, draft.stepOf(call));
