import type { Failure } from '@interlock/contracts';
import { durationExceeded } from '../budget.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';

/** When time is up for a step or a call: its own or that of the run, UTC ms. */
export function deadlineOf(emitter: Emitter, place: StepIndex): number {
  const owner = emitter.owner(place);
  if (owner.outlastsRun) return Number.POSITIVE_INFINITY;
  const { deadline } = emitter.state.origin;
  const { totalMs } = emitter.definition(place).timeout;
  if (totalMs === undefined) return deadline;
  const { startedAt = emitter.now } = emitter.step(owner.step(emitter.state, place) ?? place);
  return Math.min(deadline, startedAt + totalMs);
}

/** The failure of a step whose time is up. */
export const timedOut = (emitter: Emitter, place: StepIndex): Failure =>
  emitter.isOverdue
    ? durationExceeded(emitter.state)
    : {
        class: 'timeout',
        code: 'step.timeout',
        message: `not done within ${emitter.definition(place).timeout.totalMs} ms`,
      };
