import { BoundedCache } from './bounded-cache.js';
import { calledName, isPlainAccess, type SyntaxNode, syntaxOf, walkSyntax } from './cel.ast.js';
import { meter, refillBudget } from './cel.budget.js';
import { runtimeEnvironment } from './cel.environment.js';
import { useTextFunctions } from './cel.text.js';
import { ExpressionError, toExpressionError } from './expression.error.js';
import { asValue } from './json-value.js';
import { limits } from './limits.js';

/** What an expression sees. All values are JSON. */
export interface Scope {
  readonly input: unknown;
  readonly steps: Readonly<Record<string, StepScope>>;
  readonly run: { readonly id: string; readonly [field: string]: unknown };
  /** Only where `success` is decided. */
  readonly output?: unknown;
  /** By the names that the bodies around it give to their items. */
  readonly locals?: Readonly<Record<string, unknown>>;
}

export interface StepScope {
  readonly status: string;
  readonly output?: unknown;
  /** Of a step that failed. */
  readonly failure?: unknown;
}

/** A parsed and checked expression. */
export interface Expression {
  readonly text: string;
  readonly syntax: SyntaxNode;
  /** The static type where nothing is known about the scope: `bool`, `int`, `dyn`, ... */
  readonly type: string;
  /** @throws {ExpressionError} */
  run(scope: Scope): unknown;
}

const compiled = new BoundedCache<string, Expression>(4_000);

/** @throws {ExpressionError} the text is not an expression of this language */
export const compileExpression = (text: string): Expression => compiled.get(text, compile);

/**
 * The JSON value of a CEL expression. It may share structure with the scope: treat both as immutable.
 * @throws {ExpressionError}
 */
export const evaluate = (cel: string, scope: Scope): unknown => compileExpression(cel).run(scope);

/** @throws {ExpressionError} also when the value is anything but `true` or `false` */
export function evaluateCondition(cel: string, scope: Scope): boolean {
  const value = evaluate(cel, scope);
  if (typeof value === 'boolean') return value;
  throw new ExpressionError(
    cel,
    `a condition must give true or false, not ${JSON.stringify(value)?.slice(0, 80)}`,
  );
}

function compile(text: string): Expression {
  if (text.length > limits.expressionCharsMax) {
    throw new ExpressionError(text.slice(0, 80), `longer than ${limits.expressionCharsMax} characters`);
  }
  try {
    const parsed = runtimeEnvironment.parse(text);
    const syntax = syntaxOf(parsed.ast);
    refuseRegularExpressions(syntax);
    useTextFunctions(syntax);
    const { valid, type, error } = parsed.check();
    if (!valid || type === undefined) throw error;
    meter(syntax);
    const plain = isPlainAccess(syntax);
    return { text, syntax, type, run: (scope) => run(text, parsed, plain, scope) };
  } catch (error) {
    throw toExpressionError(text, error);
  }
}

function run(text: string, parsed: (scope: object) => unknown, plain: boolean, scope: Scope): unknown {
  try {
    refillBudget();
    const value = parsed(scope.locals === undefined ? scope : { ...scope.locals, ...scope });
    return plain && typeof value !== 'bigint' ? value : asValue(value);
  } catch (error) {
    throw toExpressionError(text, error);
  }
}

/** The engine's backtracking has no bound, and the text matched may come from a stranger. */
function refuseRegularExpressions(syntax: SyntaxNode): void {
  walkSyntax(syntax, (node) => {
    if (calledName(node) !== 'matches') return;
    throw new Error(
      'matches() is not available: use contains, startsWith, endsWith, or a pattern in the input schema',
    );
  });
}
