import { limits } from './limits.js';
import type { Path, Report } from './problem.js';

/** Keys that change an object's nature in JavaScript; no document needs them. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const tooDeep = `nested deeper than ${limits.nestingMax} levels`;

/**
 * Reports everything in `value` that is not plain, small JSON: nesting, number of nodes, forbidden keys, numbers that
 * JSON cannot say, functions, class instances. Cycles end at the nesting limit.
 */
export function guardJson(value: unknown, report: Report): void {
  let nodes = 0;
  let stopped = false;
  const stop = (path: Path, message: string) => {
    stopped = true;
    report(path, message);
  };

  const visit = (node: unknown, path: Path): void => {
    if (stopped) return;
    nodes += 1;
    if (nodes > limits.nodesMax) stop([], `more than ${limits.nodesMax} values`);
    else if (path.length > limits.nestingMax) stop(path.slice(0, 8), tooDeep);
    else if (Array.isArray(node)) for (const [index, item] of node.entries()) visit(item, [...path, index]);
    else if (isPlainObject(node)) visitObject(node, path);
    else {
      const wrong = whatIsWrongWith(node);
      if (wrong !== undefined) report(path, wrong);
    }
  };

  const visitObject = (node: Record<string, unknown>, path: Path): void => {
    for (const key of Object.keys(node)) {
      if (forbiddenKeys.has(key)) report([...path, key], `the key "${key}" is not allowed`);
      else if (node[key] !== undefined) visit(node[key], [...path, key]);
    }
  };

  visit(value, []);
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function whatIsWrongWith(leaf: unknown): string | undefined {
  switch (typeof leaf) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(leaf) ? undefined : `${leaf} is not a JSON number`;
    case 'object':
      return leaf === null ? undefined : 'only plain JSON values are allowed here';
    default:
      return `a ${typeof leaf} is not a JSON value`;
  }
}
