import { atomsOf, isSearchField, type RunAtom, type RunPredicate } from '@interlock/language';
import type { Drive } from '../search/drive.js';
import { FilterUnansweredError } from '../search/filter.unanswered.js';
import { type FacetRow, facetRows, type RunFacets } from '../search/run.facets.js';

/** The indexes that list a run in Redis, each in the order of time: all runs, its status, its workflow, and what the workflow declares. */
export const runIndexes = (facets: RunFacets): string[] => [
  ALL,
  ...facetRows(facets).flatMap(([name, value]) => (isKeptFacet(name) ? [facetIndex(name, value)] : [])),
];

const ALL = 'runs';
const isKeptFacet = (name: string): boolean =>
  name === 'status' || name === 'workflow' || name.startsWith('search.');

/** The value last: it may hold anything. */
const facetIndex = (name: string, value: FacetRow[1]): string => `runs:${name}:${typeof value}:${value}`;

/** Whether there is an index that can be walked for it. */
export const isKept = (drive: Drive): boolean =>
  drive.kind === 'time' || (drive.kind === 'facet' && drive.values.length === 1 && isKeptFacet(drive.name));

/** Of one that is kept. */
export function driveIndex(drive: Drive): string {
  const [value] = drive.kind === 'facet' ? drive.values : [];
  return drive.kind === 'facet' && value !== undefined ? facetIndex(drive.name, value) : ALL;
}

/** @throws {FilterUnansweredError} a part of it is about something that is not indexed here */
export function mustBeAnswered(predicate: RunPredicate | undefined): void {
  for (const atom of predicate === undefined ? [] : atomsOf(predicate)) {
    if (atom.kind === 'words')
      throw new FilterUnansweredError(
        'this installation keeps its runs in a Redis without an index of words: name a search field, or ask a gateway that keeps them in a file',
        atom.at,
      );
    if (!isAnswered(atom.field))
      throw new FilterUnansweredError(
        `this installation keeps its runs in a Redis, which has no index of run.${atom.field}: it answers status, workflow, startedAt and search fields`,
        atom.at,
      );
  }
}

const answered: ReadonlySet<string> = new Set(['status', 'workflow', 'startedAt']);
const isAnswered = (field: Exclude<RunAtom, { kind: 'words' }>['field']): boolean =>
  answered.has(field) || isSearchField(field);
