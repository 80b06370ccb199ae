import { ExpressionError } from './expression.error.js';
import { evaluateCondition, type Scope } from './expression.js';
import type { DecisionTable } from './table.schema.js';
import { resolve } from './template.js';

export type Decision =
  | {
      /** From 0; -1 when `otherwise` decided. */
      readonly ruleIndex: number;
      readonly ruleId?: string;
      readonly output: unknown;
    }
  | { readonly noMatch: true };

/**
 * The first rule whose `when` holds decides. Rules see the scope: `input` is the step's `with`, or the run's input.
 * @throws {ExpressionError} a rule before the first match cannot be evaluated, and no later rule may decide instead
 */
export function decideByTable(table: Pick<DecisionTable, 'rules' | 'otherwise'>, scope: Scope): Decision {
  for (const [ruleIndex, rule] of table.rules.entries()) {
    if (!holds(rule.when, scope, ruleIndex)) continue;
    const output = resolve(rule.then, scope, ['rules', ruleIndex, 'then']);
    return { ruleIndex, ...(rule.id === undefined ? {} : { ruleId: rule.id }), output };
  }
  if (table.otherwise === undefined) return { noMatch: true };
  return { ruleIndex: -1, output: resolve(table.otherwise, scope, ['otherwise']) };
}

function holds(when: string, scope: Scope, ruleIndex: number): boolean {
  try {
    return evaluateCondition(when, scope);
  } catch (error) {
    throw error instanceof ExpressionError ? error.at(`rules[${ruleIndex}].when`) : error;
  }
}
