import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/*
 * What Cedar's WASM survives, measured on Cedar 4.13 with Node 24: it dies of 150 nested brackets and of 2,000 chained operators when it
 * parses, and of an expression 400 levels deep when it is asked. The limits stay clear of these by a factor of two or more, because
 * nesting of different kinds adds up and the stack that is left depends on the caller.
 */
export const BRACKETS_MAX = 40;
export const OPERATORS_MAX = 1_000;
export const DEPTH_MAX = 100;
/** Cedar compares a pattern with a text in time proportional to the product of their lengths. */
export const PATTERN_CHARS_MAX = 256;
export const PATTERNS_CHARS_MAX = 1_024;

const TEXT_OR_COMMENT = /"(?:[^"\\]|\\.)*"?|\/\/[^\n]*/gs;
const OPERATOR = /&&|\|\||[=!<>]=|[-+*.[!<>]|\b(?:if|in|has|like|is)\b/g;

/** What keeps a text from being given to Cedar's parser; undefined: nothing. */
export function excessOf(text: string): string | undefined {
  const bare = bareText(text);
  if (bracketsIn(bare) > BRACKETS_MAX) return `brackets are nested deeper than ${BRACKETS_MAX}`;
  const operators = bare.match(OPERATOR)?.length ?? 0;
  return operators > OPERATORS_MAX
    ? `has ${operators} operators, at most ${OPERATORS_MAX} are judged: split it into several policies, or use a set`
    : undefined;
}

/** Without what stands in texts and comments. */
export const bareText = (text: string): string => text.replace(TEXT_OR_COMMENT, '""');

function bracketsIn(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth);
    else if (')]}'.includes(character)) depth -= 1;
  }
  return deepest;
}

/** What keeps a parsed policy from being asked; undefined: nothing. */
export function tooDeepOrLong({ conditions }: PolicyJson): string | undefined {
  const { depth, patterns } = measure(conditions.map(({ body }) => body));
  if (depth > DEPTH_MAX)
    return `an expression is ${depth} levels deep, at most ${DEPTH_MAX} are judged: each && and || adds one, so split it, or use a set`;
  const longest = Math.max(0, ...patterns);
  return longest > PATTERN_CHARS_MAX
    ? `a pattern of like has ${longest} characters, at most ${PATTERN_CHARS_MAX} are judged`
    : undefined;
}

/** Characters in all patterns of a policy. */
export const patternCharsOf = ({ conditions }: PolicyJson): number =>
  measure(conditions.map(({ body }) => body)).patterns.reduce((sum, length) => sum + length, 0);

/** Without recursion: what is measured may be what is too deep. */
function measure(bodies: readonly Expr[]): { depth: number; patterns: number[] } {
  const patterns: number[] = [];
  let depth = 0;
  const open: { node: unknown; level: number }[] = bodies.map((node) => ({ node, level: 1 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, level } = next;
    if (typeof node !== 'object' || node === null) continue;
    depth = Math.max(depth, level);
    if ('pattern' in node && Array.isArray(node.pattern)) patterns.push(lengthOf(node.pattern));
    // An operator and its operands are two objects, and one level.
    const step = isOperator(node) ? 1 : 0;
    for (const value of Object.values(node)) open.push({ node: value, level: level + step });
  }
  return { depth, patterns };
}

const isOperator = (node: object): boolean => Object.keys(node).length === 1 && !Array.isArray(node);

const lengthOf = (pattern: readonly unknown[]): number =>
  pattern.reduce<number>((sum, part) => sum + (isLiteral(part) ? part.Literal.length : 1), 0);

const isLiteral = (part: unknown): part is { Literal: string } =>
  typeof part === 'object' && part !== null && 'Literal' in part && typeof part.Literal === 'string';
