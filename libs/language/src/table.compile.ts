import { hashOf } from '@interlock/contracts';
import { stepReferences } from './cel.ast.js';
import { ExpressionChecker, type Site } from './expression.check.js';
import { compileExpression } from './expression.js';
import { splitReference } from './fields.schema.js';
import { isPlainObject } from './json-guard.js';
import { limits } from './limits.js';
import { parseSource } from './parse.js';
import { type Problem, problemList } from './problem.js';
import { reportIssues } from './schema.problems.js';
import { type DecisionTable, type TableDocument, tableDocument } from './table.schema.js';
import { checkCondition, checkTemplate } from './template.check.js';
import { holdsExpression, parseTemplate } from './template.js';

export type TableCompilation =
  | { readonly ok: true; readonly table: DecisionTable; readonly hash: string }
  | { readonly ok: false; readonly problems: Problem[] };

/**
 * Checks a decision table by itself. Which steps its rules may read is known only to a workflow: there it is checked
 * again.
 * @param source YAML or JSON text, or an object of the same form
 */
export function compileTable(source: unknown): TableCompilation {
  const parsed = parseSource(source);
  if (!parsed.ok) return parsed;
  const { report, problems } = problemList(parsed.locate, limits.problemsMax);
  const checked = tableDocument.safeParse(parsed.value);
  if (!checked.success) {
    const byId = isPlainObject(parsed.value) && 'id' in parsed.value ? 1 : 0;
    reportIssues(checked.error.issues, parsed.value, report, (path) =>
      path.length === 0 ? byId : undefined,
    );
    return { ok: false, problems };
  }
  const { rules, otherwise } = checked.data;
  const named = stepsNamedIn(checked.data);
  const checker = new ExpressionChecker({
    input: undefined,
    steps: new Map(named.map((id) => [id, undefined])),
  });
  const site: Site = { visible: new Set(named) };
  for (const [index, rule] of rules.entries()) {
    checkCondition(rule.when, ['rules', index, 'when'], site, checker, report);
    checkTemplate(rule.then, ['rules', index, 'then'], site, checker, report);
  }
  checkTemplate(otherwise, ['otherwise'], site, checker, report);
  if (problems.length > 0) return { ok: false, problems };

  const body = { ...identityOf(checked.data), rules, ...(otherwise === undefined ? {} : { otherwise }) };
  const hash = hashOf(body);
  return { ok: true, table: { ...body, hash }, hash };
}

function identityOf(table: TableDocument): { name: string; version: number } {
  if (!('id' in table)) return { name: table.name, version: table.version };
  const { name, version = 1 } = splitReference(table.id);
  return { name, version };
}

/** Every step that the table's expressions name; text that is not an expression is reported by the checks. */
function stepsNamedIn({ rules, otherwise }: TableDocument): string[] {
  const expressions: string[] = rules.map(({ when }) => when);
  const collect = (node: unknown): void => {
    if (typeof node === 'string' && holdsExpression(node)) expressions.push(...expressionsIn(node));
    else if (typeof node === 'object' && node !== null) Object.values(node).forEach(collect);
  };
  collect([rules.map((rule) => rule.then), otherwise]);
  return [...new Set(expressions.flatMap(stepsIn))];
}

const expressionsIn = (text: string): string[] =>
  quietly(() => parseTemplate(text).flatMap((part) => (typeof part === 'string' ? [] : [part.text])));

const stepsIn = (text: string): string[] => quietly(() => stepReferences(compileExpression(text).syntax).ids);

function quietly<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
