import type { JsonSchema } from '@interlock/schema';
import { fallbackOf } from './compile.fields.js';
import type { CompiledWorkflow } from './compiled.js';
import type { WorkflowDocument } from './document.schema.js';
import { ExpressionChecker, type Site } from './expression.check.js';
import type { StepGraph } from './graph.js';
import type { Report } from './problem.js';
import { checkSearch } from './search.check.js';
import type { Lookup } from './step/form.js';
import { formOf, type Step } from './step/index.js';
import { StepCheck } from './step.check.js';
import { checkCondition, checkTemplate } from './template.check.js';

/** Checks every expression of a document against what is known where it stands. */
export function checkExpressions(
  document: WorkflowDocument,
  inputSchema: JsonSchema,
  graph: StepGraph,
  found: ReadonlyMap<string, Lookup>,
  report: Report,
): Pick<CompiledWorkflow, 'search'> {
  const steps = Object.entries(document.steps);
  const foundBy = (id: string): Lookup => found.get(id) ?? {};
  const outputs = new Map(steps.map(([id, step]) => [id, outputSchema(step, foundBy(id), document.types)]));
  const checker = new ExpressionChecker(inputSchema, outputs);
  for (const [id, step] of steps) {
    const check = new StepCheck(id, { visible: graph.visibleTo(id) }, checker, report);
    check.every(step);
    formOf(step)?.check(check, step, foundBy(id));
  }
  const all: Site = { visible: new Set(outputs.keys()) };
  if (document.output !== undefined) checkTemplate(document.output, ['output'], all, checker, report);
  if (document.success !== undefined) {
    checkCondition(document.success, ['success'], { ...all, seesOutput: true }, checker, report);
  }
  if (document.search === undefined) return {};
  const classified = classifiedOutputs(document, found);
  return {
    search: checkSearch(document.search, all, checker, { input: inputSchema, ...classified }, report),
  };
}

/** What each step says of its output, whether or not something may stand in for it; and what may. */
function classifiedOutputs(document: WorkflowDocument, found: ReadonlyMap<string, Lookup>) {
  const own = new Map(
    Object.entries(document.steps).map(([id, step]) => [
      id,
      formOf(step)?.output(step, found.get(id) ?? {}, document.types),
    ]),
  );
  const outputsOf = (id: string): readonly (JsonSchema | undefined)[] => {
    const step = document.steps[id];
    const fallback = step && fallbackOf(step);
    return [own.get(id), ...(fallback === undefined ? [] : [own.get(fallback)])];
  };
  return { outputsOf };
}

/** A step that may end with a fallback's output or a given value promises nothing about its shape. */
function outputSchema(step: Step, found: Lookup, types: WorkflowDocument['types']): JsonSchema | undefined {
  const own = step.onFailure === undefined || typeof step.onFailure === 'string';
  return own ? formOf(step)?.output(step, found, types) : undefined;
}

/** Reports what the graph of steps says: names that are not there, cycles, steps that never start. */
export function checkGraph(document: WorkflowDocument, graph: StepGraph, report: Report): void {
  const known = new Set(Object.keys(document.steps));
  for (const [id, step] of Object.entries(document.steps)) {
    for (const [index, need] of (step.needs ?? []).entries()) {
      const message = wrongNeed(id, need, known, graph);
      if (message !== undefined) report(['steps', id, 'needs', index], message);
    }
    const fallback = fallbackOf(step);
    if (fallback === undefined) continue;
    const at = ['steps', id, 'onFailure', 'fallback'];
    if (!known.has(fallback)) report(at, `there is no step "${fallback}"`);
    else if (fallback === id) report(at, `step "${id}" cannot be its own fallback`);
  }
  for (const cycle of graph.cycles) {
    report(['steps', cycle[0] ?? ''], `steps wait for each other in a circle: ${cycle.join(' -> ')}`);
  }
  for (const id of graph.unreachable) {
    report(['steps', id], `step "${id}" is unreachable: it is only a fallback of steps that never start`);
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
