import { EVERY_TENANT } from '@interlock/contracts';
import type { Accepted } from '@interlock/log';
import { isLess } from '../byte-order.js';
import type { Reach } from '../read-model.js';
import type { RunRow } from '../read-store.js';
import { type OwnStart, valueHashOf } from '../run.view.js';
import { fits } from '../search/predicate.match.js';
import type { RunFacets } from '../search/run.facets.js';
import type { Candidate, Found, RunPlace, SearchRequest } from '../search/run.search.js';

/** Beyond this the oldest are known only once they are read back from the log, which is what a reader waits for anyway. */
const STARTS_MAX = 10_000;

/** Starts that this gateway has made durable and has not read back yet: known here at once, and to the others from the log. */
export class OwnStarts {
  readonly #starts = new Map<string, OwnStart>();

  get runIds(): string[] {
    return [...this.#starts.keys()];
  }

  add(start: OwnStart): void {
    this.#starts.set(start.row.run, start);
    if (this.#starts.size <= STARTS_MAX) return;
    const [oldest] = this.#starts.keys();
    this.#starts.delete(oldest ?? '');
  }

  delete(runId: string): void {
    this.#starts.delete(runId);
  }

  run(runId: string): RunRow | undefined {
    return this.#starts.get(runId)?.row;
  }

  /** The run that a record begins, when the record is our own to the byte: it is not parsed again. */
  readBack({ meta, record }: Accepted): RunRow | undefined {
    const start = meta.run === undefined ? undefined : this.#starts.get(meta.run);
    return start?.valueHash === valueHashOf(record.value) ? start.row : undefined;
  }

  /** What a list shows with those of them that fit, besides what was found; each of ours with its row. */
  among({ runs, next }: Found, { predicate, before, limit }: SearchRequest, reach: Reach): ListedRuns {
    const own = [...this.#starts.values()]
      .map(({ row }) => row)
      .filter(
        (row) =>
          (reach === EVERY_TENANT || reach === row.tenant) &&
          (before === undefined || isNewer(before, row)) &&
          // Older ones come with a later page.
          (next === undefined || isNewer(row, next)) &&
          (predicate === undefined || fits(predicate, JSON.parse(row.facets) as RunFacets)),
      );
    if (own.length === 0) return { runs, ...(next && { next }) };
    const all = [...runs, ...own].sort((a, b) => (isNewer(a, b) ? -1 : 1));
    const last = all.length > limit ? all[limit - 1] : next;
    return {
      runs: all.slice(0, limit),
      ...(last && { next: { started: last.started, run: last.run } }),
    };
  }
}

/** Of a run that only this gateway knows, with its body. */
export interface ListedRuns extends Found {
  readonly runs: readonly (Candidate & { readonly body?: string })[];
}

const isNewer = (a: RunPlace, b: RunPlace): boolean =>
  a.started > b.started || (a.started === b.started && isLess(b.run, a.run));
