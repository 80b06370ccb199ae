import { hashOf } from '@interlock/contracts';
import type { JsonSchema } from '@interlock/schema';
import type { LanguageCatalogue } from './catalogue.js';
import { compileBudget, fallbackOf, lastingRetry, withoutAbsent } from './compile.fields.js';
import { inputsOf, remembering } from './compile.inputs.js';
import { compileStep } from './compile.step.js';
import type { CompiledStep, CompiledWorkflow } from './compiled.js';
import { checkExpressions, checkGraph } from './document.check.js';
import { readDocument } from './document.read.js';
import type { WorkflowDocument } from './document.schema.js';
import { buildGraph, type StepGraph } from './graph.js';
import { influencersOf } from './influence.static.js';
import { limits } from './limits.js';
import { type Problem, problemList, type Report } from './problem.js';
import { reportSchema } from './schema.report.js';
import type { Lookup } from './step/form.js';
import { formOf } from './step/index.js';

export type Compilation =
  | {
      readonly ok: true;
      readonly workflow: CompiledWorkflow;
      /** Of the compiled workflow: it changes when a tool or table it pins does. */
      readonly hash: string;
      /** Hash of the document alone. */
      readonly documentHash: string;
    }
  | { readonly ok: false; readonly problems: Problem[] };

/**
 * Checks a workflow document whole and pins everything it names. All problems come at once, in the document's order as
 * far as they have a line.
 * @param source YAML or JSON text, or an object of the same form
 */
export function compileWorkflow(source: unknown, published: LanguageCatalogue): Compilation {
  const read = readDocument(source);
  if (!read.ok) return { ok: false, problems: inOrder(read.problems) };
  const { document, locate } = read;
  const { report, problems } = problemList(locate, limits.problemsMax);
  const { catalogue, found: tools } = remembering(published);

  const inputSchema = inputSchemaOf(document, catalogue, report);
  const graph = graphOf(document);
  const found = new Map(
    Object.entries(document.steps).map(([id, step]) => [
      id,
      formOf(step)?.lookUp(id, step, catalogue, report) ?? {},
    ]),
  );
  checkGraph(document, graph, report);
  reportOverdrafts(document, report);
  const checked = checkExpressions(document, inputSchema, graph, found, report);
  const steps = compileSteps(document, graph, found, catalogue, report);
  if (problems.length > 0) return { ok: false, problems: inOrder(problems) };

  const body = compileBody(document, inputSchema, steps, inputsOf(steps, tools), checked);
  const hash = hashOf(body);
  return { ok: true, workflow: { ...body, hash }, hash, documentHash: hashOf(document) };
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

/** The schema itself, a published one that `$schema` names, and in both cases the document's `types`. */
function inputSchemaOf(document: WorkflowDocument, catalogue: LanguageCatalogue, report: Report): JsonSchema {
  const { $schema, ...rest } = document.input;
  const isReference =
    typeof $schema === 'string' && Object.keys(rest).length === 0 && !/^https?:/.test($schema);
  const published = isReference ? catalogue.schema?.($schema) : undefined;
  if (isReference && published === undefined) {
    report(['input', '$schema'], `the input schema "${$schema}" is not published`);
  }
  const schema = published ?? document.input;
  if (!isReference && Object.keys(rest).length === 0)
    report(['input'], 'the input schema says nothing about the input');
  const whole = document.types === undefined ? schema : { ...schema, types: document.types };
  reportSchema(['input'], whole, report);
  return whole;
}

/** An agent step that may use more than its run has would never get it. */
function reportOverdrafts({ budget, steps }: WorkflowDocument, report: Report): void {
  const run = compileBudget(budget);
  for (const [id, step] of Object.entries(steps)) {
    if (!('agent' in step)) continue;
    for (const kind of ['tokens', 'costUsd', 'toolCalls'] as const) {
      const wanted = step.agent.budget?.[kind] ?? 0;
      if (wanted <= run[kind]) continue;
      const stands = budget?.[kind] === undefined ? ' when it says nothing' : '';
      const problem = `more than its run has${stands}: ${run[kind]}. Say budget.${kind} of the workflow`;
      report(['steps', id, 'agent', 'budget', kind], problem);
    }
  }
}

const graphOf = (document: WorkflowDocument): StepGraph =>
  buildGraph(
    Object.entries(document.steps).map(([id, step]) => {
      const fallback = fallbackOf(step);
      return { id, needs: step.needs ?? [], ...(fallback === undefined ? {} : { fallback }) };
    }),
  );

function compileSteps(
  document: WorkflowDocument,
  graph: StepGraph,
  found: ReadonlyMap<string, Lookup>,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledStep[] {
  return graph.order.flatMap((id) => {
    const step = document.steps[id];
    if (step === undefined) return [];
    const fallbackOnly = graph.standsInFor.has(id);
    const compiling = { found: found.get(id) ?? {}, types: document.types, catalogue, report };
    return compileStep(id, step, fallbackOnly, compiling) ?? [];
  });
}

function compileBody(
  document: WorkflowDocument,
  inputSchema: JsonSchema,
  steps: readonly CompiledStep[],
  inputs: CompiledWorkflow['inputs'],
  { search }: Pick<CompiledWorkflow, 'search'>,
): Omit<CompiledWorkflow, 'hash'> {
  const { workflow: name, version, purpose, output, success } = document;
  const { steps: influencers, outcome } = influencersOf({ steps, output, success });
  return withoutAbsent({
    name,
    version,
    purpose,
    inputSchema,
    inputs,
    output,
    success,
    search,
    budget: compileBudget(document.budget),
    retry: lastingRetry,
    onExhausted: document.onExhausted,
    steps: steps.map((step) => withoutAbsent({ ...step, influencedBy: influencers.get(step.id) })),
    outcomeInfluencedBy: outcome.length > 0 ? outcome : undefined,
  });
}
