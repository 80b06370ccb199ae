import type { Failure } from '@interlock/contracts';
import { durationExceeded } from '../budget.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, StepIndex } from '../indices.js';

/** The deadline of a step: its own or that of the run, UTC ms. */
export function stepDeadline(draft: DecisionDraft, step: StepIndex): number {
  const { deadline } = draft.state.origin;
  const { totalMs } = draft.definition(step).timeout;
  if (totalMs === undefined) return deadline;
  const { startedAt = draft.now } = draft.step(step);
  return Math.min(deadline, startedAt + totalMs);
}

/** A call has the deadline of the step that it is made for. */
export function callDeadline(draft: DecisionDraft, call: CallIndex): number {
  const owner = draft.owner(call);
  const step = owner.step(draft.state, call);
  return owner.outlastsRun || step === undefined ? Number.POSITIVE_INFINITY : stepDeadline(draft, step);
}

/** The failure of a step whose time is up. */
export const timedOut = (draft: DecisionDraft, step: StepIndex): Failure =>
  draft.isOverdue ? durationExceeded(draft.state) : tooSlow(draft.definition(step).timeout.totalMs);

const tooSlow = (totalMs: number | undefined): Failure => ({
  class: 'timeout',
  code: 'step.timeout',
  message: `not done within ${totalMs} ms`,
});

/** The failure of a call whose time is up. */
export const callTimedOut = (draft: DecisionDraft, call: CallIndex): Failure =>
  timedOut(draft, draft.stepOf(call));
