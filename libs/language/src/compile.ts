import { hashOf, nameInModule } from '@interlock/contracts';
import type { JsonSchema } from '@interlock/schema';
import { withFullNames } from './budget.names.js';
import type { LanguageCatalogue } from './catalogue.js';
import { type CompiledSteps, compileSteps, nothingAround } from './compile.body.js';
import { compileBudget, lastingRetry, withoutAbsent } from './compile.fields.js';
import { inputsOf, remembering } from './compile.inputs.js';
import { checkSla, compileRunSla, withStages } from './compile.sla.js';
import type { CompiledStep, CompiledWorkflow } from './compiled.js';
import { readDocument } from './document.read.js';
import type { WorkflowDocument } from './document.schema.js';
import { walkSteps } from './document.walk.js';
import { reportOutlasting } from './duration.check.js';
import { compileEscalation } from './escalation.schema.js';
import { splitReference } from './fields.schema.js';
import { influencersOf, withInfluencers } from './influence.static.js';
import { limits } from './limits.js';
import { type Problem, problemList, type Report } from './problem.js';
import { reportSchema } from './schema.report.js';
import { checkSearch } from './search.check.js';
import { agentForm } from './step/agent.js';
import { toolForm } from './step/tool.js';
import { workflowForm } from './step/workflow.js';
import { checkCondition, checkTemplate } from './template.check.js';

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
 * @param module that brings it, whose name stands in front of its own
 */
export function compileWorkflow(source: unknown, published: LanguageCatalogue, module?: string): Compilation {
  const read = readDocument(source);
  if (!read.ok) return { ok: false, problems: inOrder(read.problems) };
  const { document, locate } = read;
  const { report, problems } = problemList(locate, limits.problemsMax);
  const { catalogue, found: tools } = remembering(published);

  const inputSchema = inputSchemaOf(document, catalogue, report);
  reportOverdrafts(document, report);
  reportOutlasting(document, compileBudget(document.budget).durationMs, report);
  checkSla(document, report);
  const whole = { input: inputSchema, types: document.types, catalogue, report };
  const inside = compileSteps(document.steps, [], nothingAround, whole);
  const search = checkEnd(document, inputSchema, inside, report);
  if (problems.length > 0) return { ok: false, problems: inOrder(problems) };

  const steps = withStages(inside.steps, document);
  const named = {
    ...document,
    workflow: nameInModule(module, document.workflow),
    budget: document.budget && withFullNames(document.budget, catalogue),
  };
  const body = compileDocument(named, inputSchema, steps, inputsOf(steps, tools), search);
  const hash = hashOf(body);
  return { ok: true, workflow: { ...body, hash }, hash, documentHash: hashOf(document) };
}

/** What is decided when every step has ended, and what runs are found by. */
function checkEnd(
  { output, success, search }: WorkflowDocument,
  input: JsonSchema,
  { outputs, outputsOf, checker }: CompiledSteps,
  report: Report,
): Pick<CompiledWorkflow, 'search'> {
  const visible = new Set(outputs.keys());
  if (output !== undefined) checkTemplate(output, ['output'], { visible }, checker, report);
  if (success !== undefined)
    checkCondition(success, ['success'], { visible, seesOutput: true }, checker, report);
  if (search === undefined) return {};
  return { search: checkSearch(search, { visible }, checker, { input, outputsOf }, report) };
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
  reportUncalled({ budget, steps }, report);
  walkSteps(steps, (step, at) => {
    if (!agentForm.isWritten(step)) return;
    for (const kind of ['tokens', 'costUsd', 'toolCalls'] as const) {
      const wanted = step.agent.budget?.[kind] ?? 0;
      if (wanted <= run[kind]) continue;
      const stands = budget?.[kind] === undefined ? ' when it says nothing' : '';
      const problem = `more than its run has${stands}: ${run[kind]}. Say budget.${kind} of the workflow`;
      report([...at, 'agent', 'budget', kind], problem);
    }
  });
}

/** A budget for a tool that no step of the document names bounds nothing, unless a child may call it. */
function reportUncalled({ budget, steps }: Pick<WorkflowDocument, 'budget' | 'steps'>, report: Report): void {
  const named = new Set<string>();
  let hasChildren = false;
  walkSteps(steps, (step) => {
    if (toolForm.isWritten(step)) named.add(splitReference(step.tool).name);
    if (agentForm.isWritten(step)) for (const tool of step.agent.tools) named.add(splitReference(tool).name);
    if (workflowForm.isWritten(step)) hasChildren = true;
  });
  if (hasChildren) return;
  for (const tool of Object.keys(budget?.calls ?? {}))
    if (!named.has(tool)) report(['budget', 'calls', tool], `no step calls the tool "${tool}"`);
}

function compileDocument(
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
    sla: compileRunSla(document),
    escalation: document.escalation && compileEscalation(document.escalation),
    steps: withInfluencers(steps, influencers),
    outcomeInfluencedBy: outcome.length > 0 ? outcome : undefined,
  });
}
