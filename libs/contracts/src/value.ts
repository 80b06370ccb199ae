import { STORED_KEY } from './stored.value.js';

/**
 * What a value is: JSON whose text is well-formed Unicode, whose numbers are finite, whose integers lie within 2^53-1, and which is
 * neither deep nor large. Whatever enters the system is checked here once, so that nothing behind the entrance can be surprised by it:
 * what passes can be written, hashed and read again as the same value.
 */

/** Why something is not a value, and where: `steps.order.items[0]`; empty for the whole. */
export interface ValueProblem {
  readonly path: string;
  readonly reason: string;
}

/** `steps.order: the value is missing`. */
export const described = ({ path, reason }: ValueProblem): string =>
  path === '' ? reason : `${path}: ${reason}`;

export interface ValueLimits {
  /** Arrays and objects inside one another. */
  readonly depthMax?: number;
  /** Characters of its JSON, at least: what only entrances that know no limit in bytes rely on. */
  readonly charsMax?: number;
}

export const VALUE_DEPTH_MAX = 64;
const CHARS_MAX = 8 * 1024 * 1024;
const PATH_CHARS_MAX = 200;

/** Keys that change what an object is in JavaScript, and the one that says that a value is kept elsewhere; no value needs them. */
export const forbiddenKeys: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  STORED_KEY,
]);

/** What stands against `value`. Linear in its size, the same answer every time, and it never throws. */
export function problemOf(value: unknown, limits: ValueLimits = {}): ValueProblem | undefined {
  try {
    return walk(value, limits.depthMax ?? VALUE_DEPTH_MAX, limits.charsMax ?? CHARS_MAX);
  } catch {
    // Code of a tool can give an object whose fields throw when they are read.
    return { path: '', reason: 'it cannot be read' };
  }
}

/** An array or object under way. */
interface Level {
  readonly node: object;
  /** Of an object. */
  readonly keys: readonly string[] | undefined;
  readonly size: number;
  at: number;
}

function walk(value: unknown, depthMax: number, charsMax: number): ValueProblem | undefined {
  const levels: Level[] = [];
  let chars = 0;
  let next: unknown = value;
  for (;;) {
    const reason = isContainer(next) ? undefined : problemOfLeaf(next);
    if (reason !== undefined) return { path: pathOf(levels), reason };
    chars += typeof next === 'string' ? next.length + 2 : 1;
    if (isContainer(next)) {
      if (levels.length >= depthMax)
        return { path: pathOf(levels), reason: `nested deeper than ${depthMax} levels` };
      levels.push(levelOf(next));
    }
    const level = nextPlace(levels);
    if (level === undefined) return undefined;
    const key = level.keys?.[level.at - 1];
    if (key !== undefined) {
      const wrong = problemOfKey(key);
      if (wrong !== undefined) return { path: pathOf(levels), reason: wrong };
      chars += key.length + 3;
    }
    if (chars > charsMax) return { path: '', reason: `longer than ${charsMax} characters` };
    next = Reflect.get(level.node, key ?? level.at - 1);
    // JSON leaves such a field out.
    if (next === undefined && key !== undefined) next = null;
  }
}

function levelOf(node: object): Level {
  if (Array.isArray(node)) return { node, keys: undefined, size: node.length, at: 0 };
  const keys = Object.keys(node);
  return { node, keys, size: keys.length, at: 0 };
}

/** The innermost level that has something left, moved on by one. */
function nextPlace(levels: Level[]): Level | undefined {
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (level.at < level.size) {
      level.at += 1;
      return level;
    }
    levels.pop();
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** @param leaf anything but an array or a plain object */
export function problemOfLeaf(leaf: unknown): string | undefined {
  switch (typeof leaf) {
    case 'string':
      return leaf.isWellFormed() ? undefined : 'the text holds half of a surrogate pair';
    case 'number':
      return Number.isSafeInteger(leaf) ? undefined : problemOfNumber(leaf);
    case 'boolean':
      return undefined;
    case 'object':
      return leaf === null ? undefined : 'only plain JSON values are allowed here';
    default:
      return leaf === undefined ? 'the value is missing' : `a ${typeof leaf} is not a JSON value`;
  }
}

/** @param written the number as it was sent, which may have more digits than it has kept */
export function problemOfNumber(number: number, written = String(number)): string | undefined {
  if (!Number.isFinite(number)) return `${written.slice(0, 40)} is not a JSON number`;
  if (Number.isInteger(number) && !Number.isSafeInteger(number))
    return `the integer ${written.slice(0, 40)} is too large for JSON`;
  return undefined;
}

export function problemOfKey(key: string): string | undefined {
  if (forbiddenKeys.has(key)) return `the key "${key}" is not allowed`;
  return key.isWellFormed() ? undefined : 'the key holds half of a surrogate pair';
}

const pathOf = (levels: readonly Level[]): string =>
  pathText(levels.map(({ keys, at }) => (keys === undefined ? at - 1 : (keys[at - 1] ?? ''))));

/** `['items', 0, 'id']` as `items[0].id`, short enough for a message. */
export function pathText(parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
    if (text.length > PATH_CHARS_MAX) break;
  }
  return text.slice(0, PATH_CHARS_MAX).toWellFormed();
}
