import { isLoop, type SyntaxNode, walkSyntax } from './cel.ast.js';

/**
 * CEL always ends, but a few nested loops over a large input can take hours, and `a + a` in a loop doubles a list until
 * the process dies. So every turn of a loop and every comparison or concatenation draws from a budget; an evaluation
 * that uses it up is an error like any other, and the same one on every replay.
 */
export const evaluationUnitsMax = 200_000;
const callUnits = 5;
/** Text is copied and compared this many characters at a time. */
const charsPerUnit = 64;

let remaining = evaluationUnitsMax;

/** Called at the start of each evaluation. Evaluation is synchronous and never nested, so one counter is enough. */
export function refillBudget(): void {
  remaining = evaluationUnitsMax;
}

export function spend(units: number): void {
  remaining -= units;
  if (remaining < 0) throw new Error('the expression takes too many steps for this input');
}

export const unitsOfText = (text: string): number => Math.ceil(text.length / charsPerUnit);

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return unitsOfText(value);
  return Array.isArray(value) ? value.length : 1;
}

const metered = new Set(['+', 'in', '==', '!=']);

/** Puts the meter into a type-checked expression. */
export function meter(root: SyntaxNode): void {
  walkSyntax(root, (node) => {
    if (node.op === 'comprehension' && isLoop(node.args)) meterEvaluation(node.args.step, 1);
    else if (node.op === 'call' || node.op === 'rcall') meterEvaluation(node, callUnits);
    else if (metered.has(node.op)) meterOperator(node);
  });
}

function meterEvaluation(node: SyntaxNode, units: number): void {
  const { evaluate } = node.meta;
  node.setMeta('evaluate', (evaluator, ast, context) => {
    spend(units);
    return evaluate(evaluator, ast, context);
  });
}

function meterOperator(node: SyntaxNode): void {
  const { handle } = node;
  if (handle === undefined) return;
  node.handle = (left, right, ast, evaluator) => {
    spend(sizeOf(left) + sizeOf(right));
    return handle(left, right, ast, evaluator);
  };
}
