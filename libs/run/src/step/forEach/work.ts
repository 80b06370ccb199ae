import type { Failure } from '@interlock/contracts';
import type { StepIndex } from '../../indices.js';
import { jsonBytes } from '../../json-bytes.js';
import type { RunState } from '../../state.js';
import { emptyTree, getItem, indexIn, removeItem, setItem, type Tree } from '../../tree.js';
import { type BodyWork, bodyOf, type Outcome } from '../body/work.js';
import type { Work } from '../state.js';

/** What came of an item. */
export type Result = { readonly output: unknown } | { readonly failure: Failure };

export interface ForEachWork extends BodyWork {
  readonly kind: 'forEach';
  readonly list: { readonly items: number };
  /** Items in front of this one have been opened, or were done by an earlier start of the step. */
  readonly next: number;
  /** Items that failed, and which of them did last. */
  readonly failures: number;
  readonly failed?: { readonly at: string; readonly failure: Failure };
  /** Of all results, as JSON. */
  readonly bytes: number;
  readonly results: Tree<Result>;
}

const isForEach = (work: Work | undefined): work is ForEachWork => work?.kind === 'forEach';

export function forEachOf(state: RunState, step: StepIndex): ForEachWork | undefined {
  const work = bodyOf(state, step);
  return isForEach(work) ? work : undefined;
}

/** Items that are done are not done again when the step is taken up again. */
export function begunForEach(items: number, earlier: Work | undefined): ForEachWork {
  const kept = isForEach(earlier) && earlier.list.items === items ? earlier : undefined;
  return fromFirst({
    kind: 'forEach',
    body: true,
    open: 0,
    list: { items },
    next: 0,
    failures: 0,
    bytes: kept?.bytes ?? 0,
    results: kept?.results ?? emptyTree(items),
  });
}

/** What stays when the step is taken back: the items that are done. */
export function restedForEach(work: Work): ForEachWork | undefined {
  if (!isForEach(work)) return undefined;
  let { results } = work;
  for (let at = 0; at < work.list.items; at += 1) {
    const index = indexIn(results, at);
    const result = index === undefined ? undefined : getItem(results, index);
    if (index !== undefined && result !== undefined && 'failure' in result)
      results = removeItem(results, index);
  }
  const { stopping, failed, ...rest } = work;
  return { ...rest, results };
}

/** It has a result that is no failure. */
export function keepsItem(work: Work | undefined, item: number | undefined): boolean {
  if (!isForEach(work) || item === undefined) return false;
  const index = indexIn(work.results, item);
  const result = index === undefined ? undefined : getItem(work.results, index);
  return result !== undefined && !('failure' in result);
}

/** With `next` at an item that is not done. */
function fromFirst(work: ForEachWork): ForEachWork {
  let { next } = work;
  while (next < work.list.items && isDone(work, next)) next += 1;
  return next === work.next ? work : { ...work, next };
}

function isDone({ results }: ForEachWork, item: number): boolean {
  const index = indexIn(results, item);
  return index !== undefined && getItem(results, index) !== undefined;
}

export function openedItem(work: BodyWork, item: number): BodyWork {
  return isForEach(work) ? fromFirst({ ...work, open: work.open + 1, next: item + 1 }) : work;
}

export function closedItem(work: BodyWork, item: number, outcome: Outcome): BodyWork {
  return isForEach(work) ? withOutcome(work, item, outcome) : work;
}

function withOutcome(work: ForEachWork, item: number, outcome: Outcome): ForEachWork {
  const left = { ...work, open: work.open - 1 };
  const index = indexIn(work.results, item);
  if (outcome.kind === 'stopped' || index === undefined) return left;
  if (outcome.kind === 'failed') {
    const { at, failure } = outcome;
    const results = setItem(work.results, index, { failure });
    return { ...left, results, failures: work.failures + 1, failed: { at, failure } };
  }
  const { output } = outcome;
  return {
    ...left,
    results: setItem(work.results, index, { output }),
    bytes: work.bytes + jsonBytes(output),
  };
}

/** What the step gives: what each item gave, in the order of the list; of one that failed, its failure. */
export const outputOf = ({ results, list }: ForEachWork): unknown[] =>
  [...Array(list.items).keys()].map((item) => {
    const index = indexIn(results, item);
    const result = index === undefined ? undefined : getItem(results, index);
    if (result === undefined) return null;
    return 'failure' in result ? { failure: result.failure } : result.output;
  });
