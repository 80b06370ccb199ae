import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * The parts of the CEL library's syntax tree that its published types leave out. Macros (`map`, `exists`) are
 * expanded beside the call they were written as: `meta.alternate` holds the loop.
 */
export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  readonly meta: { readonly alternate?: SyntaxNode; readonly evaluate: NodeEvaluate };
  /** Of operators, set by the type check. */
  handle?: (left: unknown, right: unknown, ast: unknown, evaluator: unknown) => unknown;
  setMeta(key: 'evaluate', evaluate: NodeEvaluate): unknown;
}

export type NodeEvaluate = (evaluator: unknown, ast: unknown, context: unknown) => unknown;

export const syntaxOf = (ast: ASTNode): SyntaxNode => ast as unknown as SyntaxNode;

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'setMeta' in value;

/** Visits every node as written, and every node of the loops that macros became. */
export function walkSyntax(root: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  const seen = new Set<SyntaxNode>();
  const enter = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) enter(item);
    else if (isLoop(value)) for (const part of Object.values(value)) enter(part);
    else if (isNode(value) && !seen.has(value)) {
      seen.add(value);
      visit(value);
      enter(value.args);
      enter(value.meta.alternate);
    }
  };
  enter(root);
}

export const isLoop = (value: unknown): value is { readonly step: SyntaxNode } =>
  typeof value === 'object' && value !== null && 'iterable' in value && 'step' in value;

/** The name a call calls, the receiver's method or a plain function. */
export const calledName = (node: SyntaxNode): string | undefined =>
  (node.op === 'call' || node.op === 'rcall') && Array.isArray(node.args) ? String(node.args[0]) : undefined;

/** The text of a string literal. */
export const literalText = (node: unknown): string | undefined =>
  isNode(node) && node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;

/** A field, index or variable by itself: its value comes from the scope as it is. */
export function isPlainAccess(node: SyntaxNode): boolean {
  if (node.op === 'id') return true;
  if ((node.op !== '.' && node.op !== '[]') || !Array.isArray(node.args)) return false;
  return isNode(node.args[0]) && isPlainAccess(node.args[0]);
}

/** `x` of `steps.x` or `steps["x"]`; `null` when `steps` is used in any other way. */
export function stepReferences(root: SyntaxNode): { readonly ids: string[]; readonly others: boolean } {
  const ids: string[] = [];
  const accounted = new Set<SyntaxNode>();
  let others = false;
  walkSyntax(root, (node) => {
    if ((node.op === '.' || node.op === '[]') && Array.isArray(node.args) && isStepsName(node.args[0])) {
      const id = node.op === '.' ? String(node.args[1]) : literalText(node.args[1]);
      if (id === undefined) return;
      ids.push(id);
      accounted.add(node.args[0]);
    } else if (isStepsName(node) && !accounted.has(node)) others = true;
  });
  return { ids: [...new Set(ids)], others };
}

const isStepsName = (node: unknown): node is SyntaxNode =>
  isNode(node) && node.op === 'id' && node.args === 'steps';

/** A value of a step as an expression takes it: `steps.x.output.amount`. */
export interface StepChain {
  readonly node: SyntaxNode;
  readonly id: string;
  /** Behind the id, as far as the names are literal. */
  readonly path: readonly string[];
  /** Every part of it is literal. */
  readonly whole: boolean;
}

/** The longest chains behind `steps`. `others`: `steps` is used in another way, so any step may be meant. */
export function stepChains(root: SyntaxNode): {
  readonly chains: readonly StepChain[];
  readonly others: boolean;
} {
  const chains: StepChain[] = [];
  const accounted = new Set<SyntaxNode>();
  let others = false;
  walkSyntax(root, (node) => {
    if (accounted.has(node)) return;
    const chain = chainAt(node, accounted);
    if (chain !== undefined) chains.push(chain);
    else if (isStepsName(node)) others = true;
  });
  return { chains, others };
}

/** What an expression takes of the run's input: the names behind each `input`, as far as they are literal. */
export function inputPaths(root: SyntaxNode): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  const accounted = new Set<SyntaxNode>();
  walkSyntax(root, (node) => {
    if (accounted.has(node)) return;
    const { links, names, from } = linksOf(node);
    if (!isNode(from) || from.op !== 'id' || from.args !== 'input') return;
    for (const link of [...links, from]) accounted.add(link);
    paths.push(literalStart(names));
  });
  return paths;
}

function chainAt(node: SyntaxNode, accounted: Set<SyntaxNode>): StepChain | undefined {
  const { links, names, from } = linksOf(node);
  const [id] = names;
  if (!isStepsName(from) || id === undefined) return undefined;
  for (const link of [...links, from]) accounted.add(link);
  const path = literalStart(names.slice(1));
  return { node, id, path, whole: path.length === names.length - 1 };
}

/** The longest chain of fields and indices that ends with this node: from what, and by which names; undefined: not a literal one. */
function linksOf(node: SyntaxNode) {
  const links: SyntaxNode[] = [];
  const names: (string | undefined)[] = [];
  let at: unknown = node;
  while (isNode(at) && (at.op === '.' || at.op === '[]') && Array.isArray(at.args)) {
    links.push(at);
    names.unshift(at.op === '.' ? String(at.args[1]) : literalText(at.args[1]));
    at = at.args[0];
  }
  return { links, names, from: at };
}

function literalStart(names: readonly (string | undefined)[]): readonly string[] {
  const open = names.indexOf(undefined);
  return names.slice(0, open < 0 ? undefined : open).filter((name) => name !== undefined);
}
