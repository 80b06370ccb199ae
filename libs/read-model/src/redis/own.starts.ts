import { EVERY_TENANT } from '@interlock/contracts';
import type { Accepted } from '@interlock/log';
import { isLess } from '../byte-order.js';
import type { ListRequest } from '../read-model.js';
import type { RunRow } from '../read-store.js';
import { type OwnStart, valueHashOf } from '../run.view.js';
import { parseRunCursor } from '../run-queries.js';
import type { ListedRun } from './redis.store.js';

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

  /** Those that a list shows, besides `listed`. Newest first, at most `limit` together. */
  among(listed: readonly ListedRun[], { reach, status, workflow, cursor, limit }: ListRequest): ListedRun[] {
    const before = cursor === undefined ? undefined : parseRunCursor(cursor);
    const own = [...this.#starts.values()]
      .map(({ row }) => row)
      .filter(
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
