import type { JsonSchema } from '@interlock/schema';
import { agentOutput } from './compile.agent.js';
import { approvalOutput } from './compile.approval.js';
import { fallbackOf } from './compile.fields.js';
import type { Lookup } from './compile.step.js';
import { tableInput } from './compile.table.js';
import type { WorkflowDocument } from './document.schema.js';
import { ExpressionChecker, type Site } from './expression.check.js';
import type { StepGraph } from './graph.js';
import { parseInstant } from './instant.js';
import type { Path, Report } from './problem.js';
import type { AgentStep, ApprovalStep, DecideStep, Step } from './step.schema.js';
import type { DecisionTable } from './table.schema.js';
import { checkArguments, checkCondition, checkTemplate, typeOfText } from './template.check.js';
import { holdsExpression } from './template.js';

/** Checks every expression of a document against what is known where it stands. */
export function checkExpressions(
  document: WorkflowDocument,
  inputSchema: JsonSchema,
  graph: StepGraph,
  found: ReadonlyMap<string, Lookup>,
  report: Report,
): void {
  const steps = Object.entries(document.steps);
  const outputs = new Map(steps.map(([id, step]) => [id, outputSchema(step, found.get(id), document.types)]));
  const checker = new ExpressionChecker(inputSchema, outputs);
  for (const [id, step] of steps) {
    new StepCheck(['steps', id], { visible: graph.visibleTo(id) }, checker, report).run(
      id,
      step,
      found.get(id),
    );
  }
  const all: Site = { visible: new Set(outputs.keys()) };
  if (document.output !== undefined) checkTemplate(document.output, ['output'], all, checker, report);
  if (document.success !== undefined) {
    checkCondition(document.success, ['success'], { ...all, seesOutput: true }, checker, report);
  }
}

/** A step that may end with a fallback's output or a given value promises nothing about its shape. */
function outputSchema(
  step: Step,
  found: Lookup | undefined,
  types: WorkflowDocument['types'],
): JsonSchema | undefined {
  const own = step.onFailure === undefined || typeof step.onFailure === 'string';
  if (!own) return undefined;
  if ('agent' in step) return agentOutput(step, types);
  return 'approval' in step ? approvalOutput : found?.tool?.output;
}

class StepCheck {
  constructor(
    readonly path: Path,
    readonly site: Site,
    readonly checker: ExpressionChecker,
    readonly report: Report,
  ) {}

  run(id: string, step: Step, found: Lookup | undefined): void {
    const { path, site, checker, report } = this;
    if (step.when !== undefined) {
      checkCondition(step.when, [...path, 'when'], site, checker, report);
      if (step.when.trim() === 'false')
        report([...path, 'when'], `step "${id}" can never run: its condition is false`);
    }
    if (typeof step.onFailure === 'object' && 'value' in step.onFailure) {
      checkTemplate(step.onFailure.value, [...path, 'onFailure', 'value'], site, checker, report);
    }
    if ('tool' in step) this.#arguments(step.with ?? {}, found?.tool?.input);
    if ('wait' in step && 'until' in step.wait) this.#until(step.wait.until);
    if ('approval' in step) this.#approval(step);
    if ('agent' in step) this.#agent(step, found?.table);
    if ('decide' in step) this.#decide([...path, 'decide'], step.decide, found?.table);
  }

  #decide(at: Path, use: DecideStep['decide'], table: DecisionTable | undefined): void {
    const input = tableInput(use);
    if (input !== undefined) checkTemplate(input, [...at, 'with'], this.site, this.checker, this.report);
    if (table !== undefined) this.#table(at, table, input !== undefined);
  }

  #agent({ agent: { goal, facts, baseline } }: AgentStep, table: DecisionTable | undefined): void {
    const at = [...this.path, 'agent'];
    this.#text(goal, [...at, 'goal'], 'a goal');
    if (facts !== undefined) checkTemplate(facts, [...at, 'facts'], this.site, this.checker, this.report);
    this.#decide([...at, 'baseline', 'decide'], baseline.decide, table);
  }

  #text(template: string, at: Path, what: string): void {
    const type = typeOfText(template, at, this.site, this.checker, this.report);
    if (type !== undefined && type !== 'string' && type !== 'dyn') this.report(at, `${what} must be text`);
  }

  #arguments(template: Record<string, unknown>, schema: JsonSchema | undefined): void {
    const at = [...this.path, 'with'];
    if (schema === undefined) checkTemplate(template, at, this.site, this.checker, this.report);
    else checkArguments(template, schema, at, this.site, this.checker, this.report);
  }

  #approval({ approval: { question, details } }: ApprovalStep): void {
    const { path, site, checker, report } = this;
    this.#text(question, [...path, 'approval', 'question'], 'a question');
    if (details !== undefined) {
      checkTemplate(details, [...path, 'approval', 'details'], site, checker, report);
    }
  }

  #until(until: string): void {
    const at = [...this.path, 'wait', 'until'];
    checkTemplate(until, at, this.site, this.checker, this.report);
    if (!holdsExpression(until) && parseInstant(until) === undefined) {
      this.report(at, 'must be an instant like 2026-01-31T12:00:00Z, or an expression that gives one');
    }
  }

  /** The rules were checked when the table was published; here they meet the names of this workflow. */
  #table(at: Path, table: DecisionTable, inputIsLocal: boolean): void {
    const site = { ...this.site, inputIsLocal };
    const label = `table ${table.name}@${table.version}`;
    const inRule =
      (where: string): Report =>
      (_path, message) =>
        this.report(at, `${label}, ${where}: ${message}`);
    for (const [index, rule] of table.rules.entries()) {
      const where = `rule ${rule.id ?? index + 1}`;
      checkCondition(rule.when, [], site, this.checker, inRule(where));
      checkTemplate(rule.then, [], site, this.checker, inRule(where));
    }
    checkTemplate(table.otherwise, [], site, this.checker, inRule('otherwise'));
  }
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
  return `"${need}" runs only as the fallback of "${standsInFor.join('" and "')}": need that instead`;
}
