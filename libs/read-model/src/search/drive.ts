import { conjunctsOf, type RunPredicate } from '@interlock/language';
import { type FacetRow, facetRow, isIndexed } from './run.facets.js';

/** An index that is walked: it holds every run that fits, and others that do not. */
export type Drive =
  /** All runs. */
  | { readonly kind: 'time' }
  /** Runs with one of these values. */
  | { readonly kind: 'facet'; readonly name: string; readonly values: readonly FacetRow[1][] }
  /** Runs with a value between two; of numbers, or of texts. */
  | { readonly kind: 'range'; readonly name: string; readonly range: Range }
  /** Runs that hold all of these words. */
  | { readonly kind: 'words'; readonly texts: readonly string[] };

export interface Range {
  readonly type: 'number' | 'string';
  readonly from?: { readonly value: FacetRow[1]; readonly isIncluded: boolean };
  readonly to?: { readonly value: FacetRow[1]; readonly isIncluded: boolean };
}

/** When a run that fits can have started, UTC ms. */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

/** The indexes that could be walked for a predicate, besides that of all runs. */
export function drivesOf(predicate: RunPredicate): Drive[] {
  const conjuncts = conjunctsOf(predicate);
  const texts = textsOf(predicate);
  return [
    ...conjuncts.flatMap((one) => driveOf(one) ?? []),
    ...(texts.length > 0 ? [{ kind: 'words', texts } as const] : []),
  ];
}

/** What has to stand in a run that fits. */
export const textsOf = (predicate: RunPredicate): readonly string[] =>
  conjunctsOf(predicate).flatMap((one) => (one.kind === 'words' ? [one.text] : []));

function driveOf(one: RunPredicate): Drive | undefined {
  if (one.kind === 'or') return unionOf(one.of.map(driveOf));
  if (!('field' in one) || !isIndexed(one.field)) return undefined;
  switch (one.kind) {
    case 'in': {
      const rows = one.values.map((value) => facetRow(one.field, value));
      const [name = one.field] = rows.map(([first]) => first);
      return rows.every(([other]) => other === name)
        ? { kind: 'facet', name, values: [...new Set(rows.map(([, value]) => value))] }
        : undefined;
    }
    case 'prefix':
      return { kind: 'range', name: one.field, range: { type: 'string', ...startingWith(one.text) } };
    case 'compare': {
      const [name, value] = facetRow(one.field, one.value);
      if (one.is === '==') return { kind: 'facet', name, values: [value] };
      if (one.is === '!=' || name !== one.field) return undefined;
      const end = { value, isIncluded: one.is === '<=' || one.is === '>=' };
      const type = typeof value === 'number' ? 'number' : 'string';
      const range = one.is.startsWith('<') ? { type, to: end } : { type, from: end };
      return { kind: 'range', name, range: range as Range };
    }
    case 'has':
      return undefined;
  }
}

/** One of several values of the same field. */
function unionOf(drives: readonly (Drive | undefined)[]): Drive | undefined {
  const values = new Set<FacetRow[1]>();
  let name: string | undefined;
  for (const drive of drives) {
    if (drive?.kind !== 'facet' || (name ?? drive.name) !== drive.name) return undefined;
    name = drive.name;
    for (const value of drive.values) values.add(value);
  }
  return name === undefined ? undefined : { kind: 'facet', name, values: [...values] };
}

/** Up to the last text that begins so: no character is beyond this one. */
const startingWith = (text: string): Pick<Range, 'from' | 'to'> => ({
  from: { value: text, isIncluded: true },
  to: { value: `${text}\u{10ffff}`, isIncluded: true },
});

/** Bounds of the walk, from what all of the predicate asks about the start. */
export function spanOf(predicate: RunPredicate): Span {
  let from: number | undefined;
  let to: number | undefined;
  for (const one of conjunctsOf(predicate)) {
    if (one.kind !== 'compare' || one.field !== 'startedAt' || typeof one.value !== 'number') continue;
    if (one.is === '>' || one.is === '>=' || one.is === '==') from = Math.max(from ?? one.value, one.value);
    if (one.is === '<' || one.is === '<=' || one.is === '==') to = Math.min(to ?? one.value, one.value);
  }
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Whether every run of the drive fits, so that none has to be looked at. */
export function isWhole(drive: Drive, predicate: RunPredicate): boolean {
  if (drive.kind === 'words') return textsOf(predicate).length === conjunctsOf(predicate).length;
  return drive.kind === 'facet' && conjunctsOf(predicate).length === 1;
}
