import { literalText, type SyntaxNode } from '../cel.ast.js';
import { SEARCH_NAME } from '../search.schema.js';
import { RunFilterError } from './filter.error.js';
import { fieldNames, type RunField, typeOfField } from './predicate.js';

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** The one or two operands. */
export const partsOf = ({ args }: SyntaxNode): readonly (SyntaxNode | undefined)[] =>
  (Array.isArray(args) ? args : [args]).map((one) => (isNode(one) ? one : undefined));

/** Where it stands, from 1. */
export const placeOf = ({ start }: SyntaxNode): number => start + 1;

export const isField = (node: unknown): node is SyntaxNode => isNode(node) && namesOf(node) !== undefined;

/** The names behind `run`; undefined: it is something else. */
export function namesOf(node: SyntaxNode): string[] | undefined {
  const names: string[] = [];
  let at: unknown = node;
  while (isNode(at) && (at.op === '.' || at.op === '[]') && Array.isArray(at.args)) {
    const name = at.op === '.' ? String(at.args[1]) : literalText(at.args[1]);
    if (name === undefined) return undefined;
    names.unshift(name);
    at = at.args[0];
  }
  return names.length > 0 && isNode(at) && at.op === 'id' && at.args === 'run' ? names : undefined;
}

/** @throws {RunFilterError} a run has no such field */
export function fieldAt(node: SyntaxNode): RunField {
  const names = namesOf(node) ?? [];
  const [first, second] = names;
  if (first === 'search') {
    if (names.length === 2 && second !== undefined && SEARCH_NAME.test(second)) return `search.${second}`;
    throw new RunFilterError('write the name of a search field: run.search.customer', placeOf(node));
  }
  const known = fieldNames.get(names.join('.'));
  if (known !== undefined) return known;
  const all = [...new Set(fieldNames.values())].join(', ');
  throw new RunFilterError(
    `there is no field run.${names.join('.')}: there are ${all}, search.NAME and text`,
    placeOf(node),
  );
}

/** @throws {RunFilterError} the field holds no text */
export function textField(node: SyntaxNode): RunField {
  const field = fieldAt(node);
  const type = typeOfField(field);
  if (type === undefined || type === 'text') return field;
  throw new RunFilterError(`run.${field} is no text`, placeOf(node));
}
