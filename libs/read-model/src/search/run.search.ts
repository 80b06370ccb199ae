import type { RunPredicate } from '@interlock/language';
import { isLess } from '../byte-order.js';
import { type Drive, drivesOf, isWhole, spanOf, textsOf } from './drive.js';
import { fits } from './predicate.match.js';
import type { RunFacets } from './run.facets.js';

/** A place in the list of runs, newest first. */
export interface RunPlace {
  /** UTC ms. */
  readonly started: number;
  readonly run: string;
}

/** A run that an index holds. */
export interface Candidate extends RunPlace {
  /** JSON of its `RunFacets`. */
  readonly facets: string;
}

type Answer<T> = T | Promise<T>;

/** What a store offers a search: its indexes, each walked from the newest run on. */
export interface RunIndexes {
  /** About how many runs an index holds, counted up to `most`; more: it is not counted on. undefined: there is no such index. */
  sizes(drives: readonly Drive[], most: number): Answer<readonly (number | undefined)[]>;
  /** Behind `before`; none that started before `from`. In an index that is not kept by time, as many as there are. */
  candidates(
    drive: Drive,
    before: RunPlace | undefined,
    from: number | undefined,
    limit: number,
  ): Answer<readonly Candidate[]>;
  /** Those of them that hold all of these words. */
  holding(texts: readonly string[], runs: readonly Candidate[]): Answer<readonly Candidate[]>;
}

export interface SearchRequest {
  readonly predicate: RunPredicate | undefined;
  readonly before: RunPlace | undefined;
  readonly limit: number;
}

export interface Found {
  readonly runs: readonly Candidate[];
  /** Where to go on; absent: there are no more. */
  readonly next?: RunPlace;
}

/** So many runs of an index are looked at for one page: a page may hold less than was asked for, and go on. */
const LOOKED_AT_MAX = 5_000;
const AT_ONCE = 250;
/** An index of more is walked in the order of time only. */
const SMALL = 2_000;

/**
 * The next runs that fit, newest first. One index is walked, the one that holds fewest runs, and each run that it holds is asked the
 * rest. So a filter costs no more than its most selective part, and never more than one walk of bounded length.
 */
export async function searchRuns(
  indexes: RunIndexes,
  { predicate, before, limit }: SearchRequest,
): Promise<Found> {
  const drive = predicate === undefined ? all : await chosenFor(indexes, predicate);
  const { from, to } = predicate === undefined ? {} : spanOf(predicate);
  const needsNoLook = predicate === undefined || isWhole(drive, predicate);
  let place = earlier(before, to === undefined ? undefined : { started: to + 1, run: '' });
  const runs: Candidate[] = [];
  for (let looked = 0; looked < LOOKED_AT_MAX; ) {
    const wanted = needsNoLook ? limit + 1 - runs.length : AT_ONCE;
    const candidates = await indexes.candidates(drive, place, from, wanted);
    const fitting = needsNoLook ? candidates : await fittingOf(indexes, drive, predicate, candidates);
    runs.push(...fitting);
    const last = runs[limit - 1];
    if (runs.length > limit && last !== undefined) return { runs: runs.slice(0, limit), next: placeOf(last) };
    const end = candidates.at(-1);
    if (candidates.length < wanted || end === undefined) return { runs };
    place = placeOf(end);
    looked += candidates.length;
  }
  return { runs, ...(place && { next: place }) };
}

const all: Drive = { kind: 'time' };
const placeOf = ({ started, run }: RunPlace): RunPlace => ({ started, run });

async function chosenFor(indexes: RunIndexes, predicate: RunPredicate): Promise<Drive> {
  const drives = drivesOf(predicate);
  if (drives.length === 0) return all;
  const sizes = await indexes.sizes(drives, SMALL);
  const usable = drives
    .map((drive, at) => ({ drive, size: sizes[at] ?? Number.POSITIVE_INFINITY }))
    .filter(({ drive, size }) => size < SMALL || (isByTime(drive) && size !== Number.POSITIVE_INFINITY));
  usable.sort((a, b) => a.size - b.size);
  return usable[0]?.drive ?? all;
}

/** Kept in the order in which it is walked. */
const isByTime = (drive: Drive): boolean => drive.kind === 'facet' && drive.values.length === 1;

async function fittingOf(
  indexes: RunIndexes,
  drive: Drive,
  predicate: RunPredicate,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const found = candidates.filter(({ facets }) => fits(predicate, JSON.parse(facets) as RunFacets));
  const texts = drive.kind === 'words' ? [] : textsOf(predicate);
  return texts.length === 0 || found.length === 0 ? found : indexes.holding(texts, found);
}

function earlier(a: RunPlace | undefined, b: RunPlace | undefined): RunPlace | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.started < b.started || (a.started === b.started && isLess(a.run, b.run)) ? a : b;
}
