import { BoundedCache } from './bounded-cache.js';
import { ExpressionError } from './expression.error.js';
import { compileExpression, type Expression, type Scope } from './expression.js';
import { limits } from './limits.js';
import { formatPath, type Path } from './problem.js';

/** Text and expressions in turn; an expression that stands alone keeps its value's type. */
export type TemplatePart = string | Expression;

const parsed = new BoundedCache<string, readonly TemplatePart[]>(4_000);

/** `"Order ${input.id}"` as its parts. `$${` is a literal `${`. @throws {ExpressionError} */
export const parseTemplate = (text: string): readonly TemplatePart[] => parsed.get(text, parse);

export const holdsExpression = (text: string): boolean => text.includes('${');

function parse(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('$', at);
    if (next < 0) break;
    literal += text.slice(at, next);
    if (text.startsWith('$${', next)) {
      literal += '${';
      at = next + 3;
    } else if (text.startsWith('${', next)) {
      const end = endOfExpression(text, next + 2);
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(compileExpression(text.slice(next + 2, end)));
      at = end + 1;
    } else {
      literal += '$';
      at = next + 1;
    }
  }
  literal += text.slice(at);
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return parts;
}

const quotedText =
  /"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y;
const remark = /\/\/[^\n]*/y;

/** The index of the `}` that closes an expression: braces in its own maps and in its strings do not count. */
function endOfExpression(text: string, start: number): number {
  let depth = 0;
  const last = Math.min(text.length, start + limits.expressionCharsMax + 1);
  for (let at = start; at < last; at += 1) {
    const skipped = lengthOf(quotedText, text, at) || lengthOf(remark, text, at);
    if (skipped > 0) at += skipped - 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && depth === 0) return at;
    else if (text[at] === '}') depth -= 1;
  }
  const wrong =
    last < text.length
      ? `longer than ${limits.expressionCharsMax} characters`
      : 'the expression is never closed by a "}"';
  throw new ExpressionError(text.slice(start, start + 80), wrong);
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

const nestingMax = 200;

/**
 * A template with every `${...}` replaced by its value. The result may share structure with the scope.
 * @param path where the template stands, for errors
 * @throws {ExpressionError} with the path of the string that failed
 */
export function resolve(template: unknown, scope: Scope, path: Path = []): unknown {
  if (typeof template === 'string') {
    return holdsExpression(template) ? resolveText(template, scope, path) : template;
  }
  if (typeof template !== 'object' || template === null) return template;
  if (path.length > nestingMax)
    throw new ExpressionError('', 'the template is nested too deeply', formatPath(path));
  if (Array.isArray(template)) return template.map((item, index) => resolve(item, scope, [...path, index]));
  return Object.fromEntries(
    Object.entries(template).map(([key, item]) => [key, resolve(item, scope, [...path, key])]),
  );
}

function resolveText(template: string, scope: Scope, path: Path): unknown {
  try {
    const parts = parseTemplate(template);
    const [first] = parts;
    if (parts.length === 1 && first !== undefined)
      return typeof first === 'string' ? first : first.run(scope);
    return parts.map((part) => (typeof part === 'string' ? part : asText(part, part.run(scope)))).join('');
  } catch (error) {
    throw error instanceof ExpressionError ? error.at(formatPath(path)) : error;
  }
}

function asText(expression: Expression, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const what = value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
  throw new ExpressionError(expression.text, `${what} cannot be put into text`);
}
