import { Environment, ParseError } from '@marcbachmann/cel-js';
import { literalText, type SyntaxNode, syntaxOf } from '../cel.ast.js';
import { fieldAt, isField, isNode, namesOf, partsOf, placeOf, textField } from './field.node.js';
import { RunFilterError } from './filter.error.js';
import { literalOf } from './literal.js';
import { conjunctsOf, isManyField, type RunAtom, type RunPredicate } from './predicate.js';

export const FILTER_CHARS_MAX = 2_000;
const ATOMS_MAX = 50;

const environment = new Environment({
  limits: { maxAstNodes: 1_000, maxDepth: 32, maxCallArguments: 4, maxListElements: 200 },
});

/**
 * A filter over runs, CEL over `run`, as the question that an index is asked. Only what an index can answer is taken: comparisons of a
 * field with a literal, `in`, `startsWith`, `has`, `run.text.contains`, and `&&`, `||`, `!` of them.
 * @throws {RunFilterError}
 */
export function parseRunFilter(text: string): RunPredicate {
  if (text.length > FILTER_CHARS_MAX)
    throw new RunFilterError(`is longer than ${FILTER_CHARS_MAX} characters`, FILTER_CHARS_MAX + 1);
  const counted = { atoms: 0 };
  const predicate = predicateOf(parsed(text), counted);
  const always = new Set(conjunctsOf(predicate));
  refuseWordsWithin(predicate, always);
  return predicate;
}

function parsed(text: string): SyntaxNode {
  try {
    return syntaxOf(environment.parse(text).ast);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const start = error.range?.start ?? 0;
    throw new RunFilterError(foreign(text, start) ?? plainSummary(error.summary), start + 1);
  }
}

/** What people write who know other languages. */
const words: readonly (readonly [written: RegExp, said: string])[] = [
  [/^and\b/i, 'write && in place of "and"'],
  [/^or\b/i, 'write || in place of "or"'],
  [/^=(?!=)/, 'write == to compare'],
  [/^&(?!&)/, 'write && for "and"'],
  [/^\|(?!\|)/, 'write || for "or"'],
];

function foreign(text: string, at: number): string | undefined {
  const [, said] = words.find(([written]) => written.test(text.slice(at))) ?? [];
  return said ?? (/^\s*not\s+$/i.test(text.slice(0, at)) ? 'write ! in place of "not"' : undefined);
}

const plainSummary = (summary: string): string =>
  summary
    .replace('Unexpected token: EOF', 'something is missing here')
    .replace('Unexpected token: EQ', '"==" is not expected here')
    .replace(/^./, (letter) => letter.toLowerCase());

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
const mirrored = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
type Comparing = keyof typeof mirrored;
const isComparing = (op: string): op is Comparing => comparisons.has(op);

function predicateOf(node: SyntaxNode, counted: { atoms: number }): RunPredicate {
  const { op } = node;
  const [left, right] = partsOf(node);
  if ((op === '&&' || op === '||') && left !== undefined && right !== undefined) {
    const of = [predicateOf(left, counted), predicateOf(right, counted)];
    return { kind: op === '&&' ? 'and' : 'or', of };
  }
  if (op === '!_' && left !== undefined) return { kind: 'not', of: predicateOf(left, counted) };
  counted.atoms += 1;
  if (counted.atoms > ATOMS_MAX)
    throw new RunFilterError(`asks more than ${ATOMS_MAX} questions`, placeOf(node));
  return atomOf(node, left, right);
}

function atomOf(node: SyntaxNode, left: SyntaxNode | undefined, right: SyntaxNode | undefined): RunAtom {
  const { op } = node;
  if (left !== undefined && right !== undefined) {
    if (isComparing(op)) return comparison(node, op, left, right);
    if (op === 'in') return membership(node, left, right);
  }
  if (op === 'call' || op === 'rcall') return called(node);
  if (op === '.' || op === '[]') {
    const field = fieldAt(node);
    if (field === 'success' || field.startsWith('search.'))
      return { kind: 'compare', at: placeOf(node), field, is: '==', value: true };
    throw new RunFilterError(`run.${field} is no yes or no: compare it with something`, placeOf(node));
  }
  throw new RunFilterError(`${refused[op] ?? `"${op}"`} cannot be answered from an index`, placeOf(node));
}

const refused: Readonly<Record<string, string>> = {
  '?:': 'a choice with "?"',
  '+': 'arithmetic',
  '-': 'arithmetic',
  '*': 'arithmetic',
  '/': 'arithmetic',
  '%': 'arithmetic',
  value: 'a value alone',
  id: 'a name alone',
  list: 'a list alone',
  map: 'a map',
};

function comparison(node: SyntaxNode, op: Comparing, left: SyntaxNode, right: SyntaxNode): RunAtom {
  const at = placeOf(node);
  if (isField(left)) {
    const field = fieldAt(left);
    return { kind: 'compare', at, field, is: op, value: literalOf(field, right) };
  }
  if (!isField(right))
    throw new RunFilterError('one side must be a field of the run, like run.status', placeOf(left));
  const field = fieldAt(right);
  return { kind: 'compare', at, field, is: mirrored[op], value: literalOf(field, left) };
}

/** `run.status in ["failed", "waiting"]`, `"mail.send" in run.tools`. */
function membership(node: SyntaxNode, left: SyntaxNode, right: SyntaxNode): RunAtom {
  const at = placeOf(node);
  const { op, args } = right;
  if (isField(right)) {
    const field = fieldAt(right);
    if (!isManyField(field))
      throw new RunFilterError(`run.${field} is one value: compare it with ==`, placeOf(right));
    return { kind: 'compare', at, field, is: '==', value: literalOf(field, left) };
  }
  if (!isField(left) || op !== 'list' || !Array.isArray(args))
    throw new RunFilterError('write a field in a list of values: run.status in ["failed"]', at);
  const field = fieldAt(left);
  return { kind: 'in', at, field, values: args.map((one) => literalOf(field, one)) };
}

function called(node: SyntaxNode): RunAtom {
  const at = placeOf(node);
  const [name, ...rest] = Array.isArray(node.args) ? node.args : [];
  const [receiver, given] = node.op === 'rcall' ? rest : [undefined, ...rest];
  const [argument] = Array.isArray(given) ? given : [];
  if (name === 'has' && isField(argument)) return { kind: 'has', at, field: fieldAt(argument) };
  const text = literalText(argument);
  if (name === 'contains' && isNode(receiver) && namesOf(receiver)?.join('.') === 'text') {
    if (text === undefined || text.trim() === '')
      throw new RunFilterError('run.text.contains() takes words, in quotes', at);
    return { kind: 'words', at, text };
  }
  if (name === 'startsWith' && isField(receiver) && text !== undefined)
    return { kind: 'prefix', at, field: textField(receiver), text };
  if (name === 'contains' || name === 'endsWith')
    throw new RunFilterError(
      `${name}() of a field cannot be answered from an index: use startsWith(), or words with run.text.contains("...")`,
      at,
    );
  throw new RunFilterError(`${String(name)}() cannot be answered from an index`, at);
}

/** Words have an index of their own, which says which runs hold them, and not which do not. */
function refuseWordsWithin(predicate: RunPredicate, always: ReadonlySet<RunPredicate>): void {
  if (predicate.kind === 'words' && !always.has(predicate))
    throw new RunFilterError('run.text.contains() can only be joined by &&', predicate.at);
  if (predicate.kind === 'not') refuseWordsWithin(predicate.of, always);
  if (predicate.kind === 'and' || predicate.kind === 'or')
    for (const one of predicate.of) refuseWordsWithin(one, always);
}
