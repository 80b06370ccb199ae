import { bulkOrderHash, type KnownBulks } from '@interlock/commands';
import type { BulkEvent, BulkOrdered, MessageOf } from '@interlock/contracts';

/** Those that were given last are shown; the log has them all. */
const KEPT_MAX = 200;
/** Which runs they have told is remembered of the latest ones together, about 60 bytes each. */
const RUNS_MAX = 200_000;

type Ordered = MessageOf<typeof BulkOrdered>['data'];

/** A bulk order as it is shown. */
export interface KnownBulk {
  readonly ordered: Omit<Ordered, 'runs'>;
  readonly orderHash: string;
  readonly matched: number;
  /** Ids of its runs; undefined: later orders have told too many for these to be remembered as well. */
  readonly runs: readonly string[] | undefined;
  /** Every run has been told. */
  readonly isGiven: boolean;
}

/** Bulk orders as this process has read them in `schedule.events`. */
export class BulkView implements KnownBulks {
  readonly #bulks = new Map<string, KnownBulk>();

  constructor(private readonly runsMax = RUNS_MAX) {}

  /** Takes what has happened, in order. */
  take(event: BulkEvent): void {
    if (event.type === 'bulk.ordered') this.#add(event.data);
    if (event.type !== 'bulk.given') return;
    const given = this.#bulks.get(event.data.bulkId);
    if (given !== undefined) this.#bulks.set(event.data.bulkId, { ...given, isGiven: true });
  }

  find(bulkId: string): KnownBulk | undefined {
    return this.#bulks.get(bulkId);
  }

  /** Newest first. */
  all(): KnownBulk[] {
    return [...this.#bulks.values()].sort((one, other) => other.ordered.at - one.ordered.at);
  }

  #add({ runs, ...ordered }: Ordered): void {
    const { bulkId, filter, reason, command } = ordered;
    const orderHash = bulkOrderHash({ filter, reason, command });
    const known = {
      ordered,
      orderHash,
      matched: runs.length,
      runs: runs.map(({ runId }) => runId),
      isGiven: false,
    };
    this.#bulks.set(bulkId, known);
    this.#forget();
  }

  #forget(): void {
    const all = this.all();
    for (const { ordered } of all.slice(KEPT_MAX)) this.#bulks.delete(ordered.bulkId);
    let told = 0;
    for (const bulk of all.slice(0, KEPT_MAX)) {
      told += bulk.matched;
      if (told > this.runsMax && bulk.runs !== undefined)
        this.#bulks.set(bulk.ordered.bulkId, { ...bulk, runs: undefined });
    }
  }
}
