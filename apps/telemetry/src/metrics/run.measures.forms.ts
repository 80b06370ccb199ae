import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, named, type OpenRun, seconds, stepOf } from './open.run.js';
import { formsOpened, formWait } from './run.metrics.js';

type Of<Type extends LoggedRunEvent['type']> = Extract<LoggedRunEvent, { type: Type }>;

export function formMeasures(run: OpenRun, event: Of<'form.opened' | 'form.answered'>): Measurement[] {
  const { step } = event.data;
  if (event.type === 'form.answered') return ended(run, step, event.time, 'answered');
  stepOf(run, step, event.time);
  run.forms.set(step, event.time);
  return [measured(formsOpened, named(run))];
}

/** The step went on while nobody had answered. */
export const formLeft = (
  run: OpenRun,
  { data, time }: Of<'step.completed' | 'step.failed' | 'step.skipped' | 'step.fell_back' | 'step.parked'>,
): Measurement[] => ended(run, data.step, time, 'unanswered');

function ended(run: OpenRun, step: string, time: number, outcome: string): Measurement[] {
  const since = run.forms.get(step);
  if (since === undefined) return [];
  run.forms.delete(step);
  const atStep = run.steps.get(step);
  if (atStep !== undefined) atStep.peopleMs += time - since;
  return [measured(formWait, { workflow: run.workflow, outcome }, seconds(time - since))];
}
