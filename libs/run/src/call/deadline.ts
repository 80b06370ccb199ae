import type { Failure } from '@interlock/contracts';
import { durationExceeded } from '../budget.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';

/** When time is up for a step or a call: its own or that of the run, UTC ms. */
export function deadlineOf(draft: DecisionDraft, place: StepIndex): number {
  const owner = draft.owner(place);
  if (owner.outlastsRun) return Number.POSITIVE_INFINITY;
  const { deadline } = draft.state.origin;
  const { totalMs } = draft.definition(place).timeout;
  if (totalMs === undefined) return deadline;
  const { startedAt = draft.now } = draft.step(owner.step(draft.state, place) ?? place);
  return Math.min(deadline, startedAt + totalMs);
}

/** The failure of a step whose time is up. */
export const timedOut = (draft: DecisionDraft, place: StepIndex): Failure =>
  draft.isOverdue
    ? durationExceeded(draft.state)
    : {
        class: 'timeout',
        code: 'step.timeout',
        message: `not done within ${draft.definition(place).timeout.totalMs} ms`,
      };
