import { fieldOf } from './unknown.fields.js';

/** A step of a compiled workflow, as text: `name` is its path without turns, `lines/charge`. */
export interface CompiledStepText {
  readonly name: string;
  readonly step: unknown;
}

/**
 * The steps of a compiled workflow as `run.started` records it, each before those of its bodies, which stand in `body` and `branches`.
 * For readers that show a step: what a compiled step is, the language says.
 */
export function compiledStepsIn(compiled: unknown): CompiledStepText[] {
  return stepsWithin(compiled, '');
}

function stepsWithin(body: unknown, within: string): CompiledStepText[] {
  const steps = fieldOf(body, 'steps');
  return (Array.isArray(steps) ? steps : []).flatMap((step: unknown) => {
    const name = `${within}${String(fieldOf(step, 'id'))}`;
    const branches = fieldOf(step, 'branches');
    const bodies: unknown[] = [fieldOf(step, 'body'), ...(Array.isArray(branches) ? branches : [])];
    return [{ name, step }, ...bodies.flatMap((inner) => stepsWithin(inner, `${name}/`))];
  });
}
