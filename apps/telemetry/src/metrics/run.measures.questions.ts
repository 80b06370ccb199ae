import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, named, type OpenRun, seconds, stepOf } from './open.run.js';
import { questionsAsked, questionWait } from './run.metrics.js';

type Of<Type extends LoggedRunEvent['type']> = Extract<LoggedRunEvent, { type: Type }>;

export function questionMeasures(
  run: OpenRun,
  event: Of<'question.asked' | 'question.answered' | 'question.unanswered'>,
): Measurement[] {
  const { type, time } = event;
  const { step } = event.data;
  if (type !== 'question.asked') return ended(run, step, time, type.slice('question.'.length));
  stepOf(run, step, time);
  run.questions.set(step, time);
  return [measured(questionsAsked, named(run))];
}

/** The step went on while nobody had answered. */
export const questionLeft = (
  run: OpenRun,
  {
    data,
    time,
  }: Of<
    'agent.fell_back' | 'step.completed' | 'step.failed' | 'step.skipped' | 'step.fell_back' | 'step.parked'
  >,
): Measurement[] => ended(run, data.step, time, 'unanswered');

function ended(run: OpenRun, step: string, time: number, outcome: string): Measurement[] {
  const since = run.questions.get(step);
  if (since === undefined) return [];
  run.questions.delete(step);
  const atStep = run.steps.get(step);
  if (atStep !== undefined) atStep.peopleMs += time - since;
  return [measured(questionWait, { workflow: run.workflow, outcome }, seconds(time - since))];
}
