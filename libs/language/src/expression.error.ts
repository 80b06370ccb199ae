import type { CodeOf } from '@interlock/contracts';
import { errorText } from '@interlock/contracts';
import {
  type ASTNode,
  TypeError as CelTypeError,
  EvaluationError,
  ParseError,
  serialize,
} from '@marcbachmann/cel-js';
import { inWrittenNames } from './cel.text.js';

/** An expression that cannot be read, does not type-check, or has no value in its scope. */
export class ExpressionError extends Error {
  readonly code = 'language.expression' satisfies CodeOf<'run'>;

  constructor(
    readonly expression: string,
    message: string,
    /** Where in the template the expression stands, `with.items[0]`; empty for an expression of its own. */
    readonly path = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ExpressionError';
  }

  at(path: string): ExpressionError {
    return new ExpressionError(this.expression, this.message, path, { cause: this.cause });
  }
}

type CelError = ParseError | EvaluationError | CelTypeError;

export const isCelError = (error: unknown): error is CelError =>
  error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError;

/** Whatever the CEL library threw, said for the person who wrote the expression. */
export function toExpressionError(expression: string, error: unknown): ExpressionError {
  if (error instanceof ExpressionError) return error;
  const message = isCelError(error) ? explain(error) : errorText(error);
  return new ExpressionError(expression, message, '', { cause: error });
}

/** One line, without the source excerpt that the library appends. */
export function explain(error: CelError): string {
  const { code } = error;
  const summary = inWrittenNames(error.summary);
  const node = error.node as ASTNode | undefined;
  if (code === 'index_out_of_bounds') return summary.replace('No such key: ', '');
  if (code === 'no_such_key' && node !== undefined) return missingField(node, summary);
  if (code === 'unknown_variable') {
    return `unknown name "${summary.replace('Unknown variable: ', '')}": an expression sees input, steps and run`;
  }
  if (code === 'no_such_overload') return `these do not go together: ${inJsonTerms(summary)}`;
  const at =
    error instanceof ParseError && error.range !== undefined ? ` at character ${error.range.start + 1}` : '';
  return `${summary}${at}`;
}

function missingField(node: ASTNode, summary: string): string {
  const field = summary.replace('No such key: ', '');
  if (node.op !== '.' && node.op !== '[]') return `there is no field "${field}"`;
  return `${serialize(node.args[0])} has no field "${field}"`;
}

/** `no such overload: dyn<double> + string` is `number + string` to people who write JSON. */
const inJsonTerms = (summary: string): string =>
  summary
    .replace('no such overload: ', '')
    .replace(/dyn<(\w+)>/g, '$1')
    .replace(/\b(double|int)\b/g, 'number');
