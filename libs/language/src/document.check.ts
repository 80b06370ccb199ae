import { fallbackOf } from './compile.fields.js';
import { buildGraph, type StepGraph } from './graph.js';
import type { Path, Report } from './problem.js';
import type { WrittenStep } from './step.schema.js';

type Steps = Readonly<Record<string, WrittenStep>>;

export const graphOf = (steps: Steps): StepGraph =>
  buildGraph(
    Object.entries(steps).map(([id, step]) => {
      const fallback = fallbackOf(step);
      return { id, needs: step.needs ?? [], ...(fallback === undefined ? {} : { fallback }) };
    }),
  );

/**
 * Reports what the graph of steps says: names that are not there, cycles, steps that never start.
 * @param at of the object that holds `steps`
 */
export function checkGraph(steps: Steps, at: Path, graph: StepGraph, report: Report): void {
  const known = new Set(Object.keys(steps));
  for (const [id, step] of Object.entries(steps)) {
    const here = [...at, 'steps', id];
    for (const [index, need] of (step.needs ?? []).entries()) {
      const message = wrongNeed(id, need, known, graph);
      if (message !== undefined) report([...here, 'needs', index], message);
    }
    const fallback = fallbackOf(step);
    if (fallback === undefined) continue;
    const field = [...here, 'onFailure', 'fallback'];
    if (!known.has(fallback)) report(field, `there is no step "${fallback}"`);
    else if (fallback === id) report(field, `step "${id}" cannot be its own fallback`);
  }
  for (const cycle of graph.cycles) {
    report([...at, 'steps', cycle[0] ?? ''], `steps wait for each other in a circle: ${cycle.join(' -> ')}`);
  }
  for (const id of graph.unreachable) {
    report(
      [...at, 'steps', id],
      `step "${id}" is unreachable: it is only a fallback of steps that never start`,
    );
  }
}

function wrongNeed(
  id: string,
  need: string,
  known: ReadonlySet<string>,
  graph: StepGraph,
): string | undefined {
  if (need === id) return `step "${id}" needs itself`;
  if (!known.has(need)) return `there is no step "${need}"`;
  const standsInFor = graph.standsInFor.get(need);
  if (standsInFor === undefined || standsInFor.includes(id)) return undefined;
  return `"${need}" runs only as the fallback of "${standsInFor.join('" and "')}": list that one in needs instead`;
}
