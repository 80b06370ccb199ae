import type { DataOf, EvolveBy } from '../../evolving.js';
import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import { putStep, setStep, shapeStep, startStep, stepAt, stepNamed } from '../steps.js';
import { type FormWork, formOf } from './work.js';

function formOpened(state: RunState, { step, question, details, until }: DataOf<'form.opened'>): RunState {
  const shown = details === undefined ? { question } : { question, details };
  const work: FormWork = { kind: 'form', ...shown, until };
  return startStep(state, stepNamed(state, step), 'waiting', work);
}

/** Whoever answered has shaped the step. */
function formAnswered(state: RunState, { step: id, by, value }: DataOf<'form.answered'>): RunState {
  const step = stepNamed(state, id);
  const asked = formOf(state, step);
  if (asked === undefined) return state;
  const work: FormWork = { ...asked, answer: { value: value ?? null } };
  return shapeStep(putStep(state, step, { work }), step, by.sub);
}

/** The answer is the output of the step, and what was asked is over. */
export function formForgotten(state: RunState, step: StepIndex): RunState {
  const { work, ...rest } = stepAt(state, step);
  return setStep(state, step, rest);
}

export const formEvents: EvolveBy<'form.opened' | 'form.answered'> = {
  'form.opened': formOpened,
  'form.answered': formAnswered,
};
