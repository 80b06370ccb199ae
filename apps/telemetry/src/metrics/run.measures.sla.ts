import { fieldOf, stepNameOf, WHOLE_RUN } from '@interlock/contracts';
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
  return [...ofRun, ...stagesIn(compiled, '', whole)].map(([stage, action]) =>
    measured(slaBreaches, { ...named(run), stage, action }, 0),
  );
}

/** In a body and all within it, as the language compiles them: bodies stand in `body` and `branches`. */
function stagesIn(body: unknown, within: string, otherwise: string): [stage: string, action: string][] {
  const steps = fieldOf(body, 'steps');
  return (Array.isArray(steps) ? steps : []).flatMap((step) => {
    const stage = `${within}${fieldOf(step, 'id')}`;
    const sla = fieldOf(step, 'sla');
    const branches = fieldOf(step, 'branches');
    const bodies = [fieldOf(step, 'body'), ...(Array.isArray(branches) ? branches : [])];
    const own: [string, string][] = sla === undefined ? [] : [[stage, actionIn(sla) ?? otherwise]];
    return [...own, ...bodies.flatMap((inner) => stagesIn(inner, `${stage}/`, otherwise))];
  });
}

function actionIn(sla: unknown): string | undefined {
  const action = fieldOf(sla, 'onBreach');
  return typeof action === 'string' ? action : undefined;
}
