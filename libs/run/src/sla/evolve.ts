import type { DataOf, EvolveBy } from '../evolving.js';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { findStep, putStep, stepAt } from '../step/steps.js';

function slaBreached(state: RunState, data: DataOf<'sla.breached'>): RunState {
  const { step, due } = data;
  if (step === undefined) return runBreached(state, data);
  const at = findStep(state, step);
  return at === undefined ? state : putStep(state, at, { sla: { due, at: 'breached' } });
}

/** A run that is handed to people starts nothing new until one of them resumes it. Who has paused it before has. */
function runBreached(state: RunState, { action }: DataOf<'sla.breached'>): RunState {
  const late: RunState = { ...state, breached: true };
  if (action !== 'escalate') return late;
  const reason = `not complete within ${state.origin.compiled.sla?.completeMs} ms`;
  const paused = state.paused ?? { by: 'its service level', reason, at: state.time };
  return { ...late, paused: { ...paused, late: true } };
}

/** An operator has taken the step up again: nothing more follows from its being late. */
export function pastBreach(state: RunState, step: StepIndex): RunState {
  const { sla } = stepAt(state, step);
  return sla?.at === 'breached' ? putStep(state, step, { sla: { ...sla, at: 'over' } }) : state;
}

export const slaEvents: EvolveBy<'sla.breached'> = { 'sla.breached': slaBreached };
