import { runStatuses } from '@interlock/contracts/http';
import { calledName, literalText, type SyntaxNode } from '../cel.ast.js';
import { parseInstant } from '../instant.js';
import { isNode, placeOf } from './field.node.js';
import { RunFilterError } from './filter.error.js';
import { type FilterValue, isSearchField, type RunField, typeOfField } from './predicate.js';

/**
 * The value that a field is compared with.
 * @throws {RunFilterError} it is no literal, or of another type than the field
 */
export function literalOf(field: RunField, node: SyntaxNode): FilterValue {
  const found = read(node);
  if (field === 'status' && !statuses.has(String(found.value)))
    throw new RunFilterError(`run.status is one of ${[...statuses].join(', ')}`, placeOf(node));
  const wanted = typeOfField(field);
  if (wanted === undefined || wanted === found.type) {
    if (found.type !== 'timestamp') return found.value;
    // biome-ignore lint/style/noRestrictedGlobals: writes an instant, and reads no clock
    return isSearchField(field) ? new Date(found.value).toISOString() : found.value;
  }
  throw new RunFilterError(
    `run.${field} is a ${wanted}, and this is a ${found.type}${advice(wanted)}`,
    placeOf(node),
  );
}

/** A misspelt one fits no run, and nobody would notice. */
const statuses: ReadonlySet<string> = new Set(runStatuses);

const advice = (wanted: string): string =>
  wanted === 'timestamp' ? ': write timestamp("2026-12-01T09:00:00Z")' : '';

type Literal =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** UTC ms. */
  | { readonly type: 'timestamp'; readonly value: number };

function read(node: SyntaxNode): Literal {
  const { op, args } = node;
  if (op === '-_' && isNode(args)) {
    const positive = read(args);
    if (positive.type === 'number') return { type: 'number', value: -positive.value };
  }
  if (op === 'value') {
    if (typeof args === 'string') return { type: 'text', value: args };
    if (typeof args === 'boolean') return { type: 'boolean', value: args };
    if (typeof args === 'number' || typeof args === 'bigint') return { type: 'number', value: Number(args) };
  }
  if (op === 'call' && calledName(node) === 'timestamp') return { type: 'timestamp', value: instantIn(node) };
  throw new RunFilterError('must be a text, a number, true, false, or timestamp("...")', placeOf(node));
}

function instantIn(node: SyntaxNode): number {
  const [, given] = Array.isArray(node.args) ? node.args : [];
  const text = Array.isArray(given) ? literalText(given[0]) : undefined;
  const instant = text === undefined ? undefined : parseInstant(text);
  if (instant !== undefined) return instant;
  throw new RunFilterError('timestamp() takes an instant like "2026-12-01T09:00:00Z"', placeOf(node));
}
