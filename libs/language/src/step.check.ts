import type { JsonSchema } from '@interlock/schema';
import { tableInput } from './compile.table.js';
import type { ExpressionChecker, Site } from './expression.check.js';
import type { Path, Report } from './problem.js';
import type { DecideStep, WrittenStep } from './step.schema.js';
import type { DecisionTable } from './table.schema.js';
import { checkArguments, checkCondition, checkTemplate, typeOfText } from './template.check.js';
import { schemaOfTemplate } from './template.schema.js';

/** Checks the expressions of one step. Paths are those within the step. */
export class StepCheck {
  constructor(
    readonly id: string,
    private readonly at: Path,
    readonly site: Site,
    readonly checker: ExpressionChecker,
    private readonly reportAt: Report,
  ) {}

  report(at: Path, message: string): void {
    this.reportAt(this.#whole(at), message);
  }

  /** What a step of any kind may say. */
  every({ when, onFailure }: WrittenStep): void {
    if (when !== undefined) {
      checkCondition(when, this.#whole(['when']), this.site, this.checker, this.reportAt);
      if (when.trim() === 'false')
        this.report(['when'], `step "${this.id}" can never run: its condition is false`);
    }
    if (typeof onFailure === 'object' && 'value' in onFailure)
      this.template(onFailure.value, ['onFailure', 'value']);
  }

  condition(text: string, at: Path): void {
    checkCondition(text, this.#whole(at), this.site, this.checker, this.reportAt);
  }

  /** A name that the step gives to something in its body. */
  localName(name: string, at: Path): void {
    const wrong = this.checker.refuseLocal(name);
    if (wrong !== undefined) this.report(at, wrong);
  }

  /** Schema of what a template gives, as far as it is known. Errors in it are not reported. */
  schemaOf(template: unknown): JsonSchema | undefined {
    return schemaOfTemplate(template, this.site, this.checker);
  }

  template(template: unknown, at: Path): void {
    checkTemplate(template, this.#whole(at), this.site, this.checker, this.reportAt);
  }

  /** @param what as the report calls it */
  text(template: string, at: Path, what: string): void {
    const type = typeOfText(template, this.#whole(at), this.site, this.checker, this.reportAt);
    if (type !== undefined && type !== 'string' && type !== 'dyn') this.report(at, `${what} must be text`);
  }

  arguments(template: Record<string, unknown>, schema: JsonSchema | undefined): void {
    if (schema === undefined) this.template(template, ['with']);
    else checkArguments(template, schema, this.#whole(['with']), this.site, this.checker, this.reportAt);
  }

  /** The rules were checked when the table was published; here their names are checked against this workflow. */
  table(at: Path, use: DecideStep['decide'], table: DecisionTable | undefined): void {
    const input = tableInput(use);
    if (input !== undefined) this.template(input, [...at, 'with']);
    if (table !== undefined) this.#rules(at, table, input !== undefined);
  }

  #rules(at: Path, table: DecisionTable, inputIsLocal: boolean): void {
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

  #whole(at: Path): Path {
    return [...this.at, ...at];
  }
}
