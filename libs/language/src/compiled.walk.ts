import type { CompiledBody } from './compiled.step.js';
import { type CompiledStep, formOfCompiled } from './step/index.js';

/** The steps of a body. Whatever was compiled into it is a step of one of the kinds that there are. */
export const stepsOf = ({ steps }: CompiledBody): readonly CompiledStep[] => steps as readonly CompiledStep[];

/** What stands in a step, in the order in which it lists it. */
export const bodiesOf = (step: CompiledStep): readonly CompiledBody[] =>
  formOfCompiled(step).compiledBodies(step);

/** These steps and all that stand in them. */
export const everyStepIn = (steps: readonly CompiledStep[]): CompiledStep[] =>
  steps.flatMap((step) => [step, ...bodiesOf(step).flatMap((body) => everyStepIn(stepsOf(body)))]);

/** These steps and all that stand in them, by their paths without turns: `lines/charge`. */
export const stepsByName = (steps: readonly CompiledStep[], within = ''): ReadonlyMap<string, CompiledStep> =>
  new Map(
    steps.flatMap((step) => {
      const name = `${within}${step.id}`;
      return [
        [name, step] as const,
        ...bodiesOf(step).flatMap((body) => [...stepsByName(stepsOf(body), `${name}/`)]),
      ];
    }),
  );

/** The same steps, each as `change` makes it, those in bodies first. @param within path of the step around them, without turns */
export function mapSteps(
  steps: readonly CompiledStep[],
  change: (step: CompiledStep, name: string) => CompiledStep,
  within = '',
): CompiledStep[] {
  return steps.map((step) => {
    const name = `${within}${step.id}`;
    const bodies = bodiesOf(step).map((body) => ({
      ...body,
      steps: mapSteps(stepsOf(body), change, `${name}/`),
    }));
    return change(bodies.length === 0 ? step : formOfCompiled(step).withBodies(step, bodies), name);
  });
}
