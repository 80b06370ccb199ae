import { EVERY_TENANT } from '@interlock/contracts';
import { isLess } from '../byte-order.js';
import type { ListRequest } from '../read-model.js';
import type { RunRow } from '../read-store.js';
import { parseRunCursor } from '../run-queries.js';
import type { ListedRun } from './redis.store.js';

/** Beyond this the oldest are known only once they are read back from the log, which is what a reader waits for anyway. */
const STARTS_MAX = 10_000;

/** Starts that this gateway has made durable and has not read back yet: known here at once, and to the others from the log. */
export class OwnStarts {
  readonly #starts = new Map<string, RunRow>();

  get runIds(): string[] {
    return [...this.#starts.keys()];
  }

  add(row: RunRow): void {
    this.#starts.set(row.run, row);
    if (this.#starts.size <= STARTS_MAX) return;
    const [oldest] = this.#starts.keys();
    this.#starts.delete(oldest ?? '');
  }

  delete(runId: string): void {
    this.#starts.delete(runId);
  }

  run(runId: string): RunRow | undefined {
    return this.#starts.get(runId);
  }

  /** Those that a list shows, besides `listed`. Newest first, at most `limit` together. */
  among(listed: readonly ListedRun[], { reach, status, workflow, cursor, limit }: ListRequest): ListedRun[] {
    const before = cursor === undefined ? undefined : parseRunCursor(cursor);
    const own = [...this.#starts.values()].filter(
      (row) =>
        (reach === EVERY_TENANT || reach === row.tenant) &&
        (status ?? row.status) === row.status &&
        (workflow ?? row.workflow) === row.workflow &&
        (before === undefined || isNewer(before, row)),
    );
    if (own.length === 0) return [...listed];
    return [...listed, ...own].sort((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, limit);
  }
}

type Placed = Pick<ListedRun, 'started' | 'run'>;
const isNewer = (a: Placed, b: Placed): boolean =>
  a.started > b.started || (a.started === b.started && isLess(b.run, a.run));
