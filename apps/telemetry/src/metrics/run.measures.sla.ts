import { compiledStepsIn, fieldOf, stepNameOf, WHOLE_RUN } from '@interlock/contracts';
import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, named, type OpenRun } from './open.run.js';
import { slaBreaches } from './run.metrics.js';

/** Names a step without its turns: a loop has as many series as its body has steps. */
export const slaMeasures = (
  run: OpenRun,
  { data: { stage, action } }: Extract<LoggedRunEvent, { type: 'sla.breached' }>,
): Measurement[] => [measured(slaBreaches, { ...named(run), stage: stepNameOf(stage), action })];

/** Every service level of the workflow, so that its first breach is seen to grow. */
export function zerosOfSla(run: OpenRun, compiled: unknown): Measurement[] {
  const sla = fieldOf(compiled, 'sla');
  const whole = actionIn(sla) ?? 'notify';
  const ofRun = fieldOf(sla, 'completeMs') === undefined ? [] : [[WHOLE_RUN, whole] as const];
  const ofSteps = compiledStepsIn(compiled).flatMap(({ name, step }) => {
    const own = fieldOf(step, 'sla');
    return own === undefined ? [] : [[name, actionIn(own) ?? whole] as const];
  });
  return [...ofRun, ...ofSteps].map(([stage, action]) =>
    measured(slaBreaches, { ...named(run), stage, action }, 0),
  );
}

function actionIn(sla: unknown): string | undefined {
  const action = fieldOf(sla, 'onBreach');
  return typeof action === 'string' ? action : undefined;
}
