import { EVERY_TENANT } from '@interlock/contracts';
import { isLess } from '../byte-order.js';
import type { KnownRun, ListRequest } from '../read-model.js';
import { type AcceptedStart, acceptedRun } from '../run.view.js';
import { parseRunCursor } from '../run-queries.js';
import type { ListedRun } from './redis.store.js';

/** Beyond this the oldest are known only once they are read back from the log, which is what a reader waits for anyway. */
const STARTS_MAX = 10_000;

/** Starts that this gateway has made durable and has not read back yet: known here at once, and to the others from the log. */
export class OwnStarts {
  readonly #starts = new Map<string, AcceptedStart>();

  get runIds(): string[] {
    return [...this.#starts.keys()];
  }

  add(start: AcceptedStart): void {
    this.#starts.set(start.runId, start);
    if (this.#starts.size <= STARTS_MAX) return;
    const [oldest] = this.#starts.keys();
    this.#starts.delete(oldest ?? '');
  }

  delete(runId: string): void {
    this.#starts.delete(runId);
  }

  run(runId: string): KnownRun | undefined {
    const start = this.#starts.get(runId);
    if (start === undefined) return undefined;
    const { requestHash, by } = start;
    const body = JSON.stringify(acceptedRun(start));
    return { body, status: 'accepted', requestHash, tenant: by.tenant ?? '' };
  }

  /** Those that a list shows, besides `listed`. Newest first, at most `limit` together. */
  among(listed: readonly ListedRun[], { reach, status, workflow, cursor, limit }: ListRequest): ListedRun[] {
    const before = cursor === undefined ? undefined : parseRunCursor(cursor);
    const fits = (start: AcceptedStart): boolean =>
      (reach === EVERY_TENANT || reach === (start.by.tenant ?? '')) &&
      (status ?? 'accepted') === 'accepted' &&
      (workflow ?? start.workflow.name) === start.workflow.name &&
      (before === undefined || isNewer(before, { started: start.issuedAt, run: start.runId }));
    const own = [...this.#starts.values()].filter(fits).map((start) => ({
      run: start.runId,
      started: start.issuedAt,
      body: JSON.stringify(acceptedRun(start)),
    }));
    if (own.length === 0) return [...listed];
    return [...listed, ...own].sort((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, limit);
  }
}

type Placed = Pick<ListedRun, 'started' | 'run'>;
const isNewer = (a: Placed, b: Placed): boolean =>
  a.started > b.started || (a.started === b.started && isLess(b.run, a.run));
