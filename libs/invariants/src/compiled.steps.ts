import { fieldOf } from '@interlock/contracts';
import type { RunState } from '@interlock/run';

type Steps = RunState['origin']['compiled']['steps'];
type Step = Steps[number];

/**
 * Every step of a compiled workflow by its path without turns, `lines/charge`, read from its text alone: apart from how the product
 * finds them.
 */
export function stepsOfCompiled(compiled: unknown, within = ''): ReadonlyMap<string, Step> {
  const steps = fieldOf(compiled, 'steps');
  const found = new Map<string, Step>();
  for (const step of Array.isArray(steps) ? (steps as Steps) : []) {
    const name = `${within}${step.id}`;
    found.set(name, step);
    const branches = fieldOf(step, 'branches');
    for (const body of [fieldOf(step, 'body'), ...(Array.isArray(branches) ? branches : [])])
      for (const [inner, one] of stepsOfCompiled(body, `${name}/`)) found.set(inner, one);
  }
  return found;
}
