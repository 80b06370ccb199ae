import type { Broker, StoredRecord } from '@interlock/broker';
import { runEvents } from '@interlock/contracts';
import type { FeedSource } from '@interlock/projection';

/** Values of records that are kept for those who follow. What hangs on a record in memory is several times its value. */
const KEPT_BYTES_MAX = 2 * 1024 * 1024;

interface Batch {
  readonly partition: number;
  readonly records: readonly StoredRecord[];
  readonly bytes: number;
}

interface Waiter {
  readonly offsets: readonly number[];
  readonly resolve: (grown: readonly number[]) => void;
}

/**
 * The latest records of `run.events`, as this process reads them anyway: however many follow, the log is read for them once. Who is
 * further behind reads the log. While nobody follows nothing is kept: a record that outlives its turn costs the collector of garbage more
 * than anything else in its life.
 */
export class RunEventTail implements FeedSource {
  /** In the order in which they came. */
  readonly #kept: Batch[] = [];
  /** Of each partition, without a gap; absent: nothing has come since the process started. */
  readonly #tails = new Map<number, { from: number; end: number; batches: Batch[] }>();
  readonly #waiters = new Set<Waiter>();
  #followers = 0;
  #bytes = 0;

  constructor(private readonly broker: Pick<Broker, 'read'>) {}

  /** Takes the next records of a partition. */
  take(partition: number, records: readonly StoredRecord[]): void {
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) return;
    const known = this.#tails.get(partition);
    const goesOn = known !== undefined && known.end === first.offset;
    const tail = goesOn ? known : { from: first.offset, end: first.offset, batches: [] };
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    const batch = { partition, records, bytes };
    tail.batches.push(batch);
    tail.end = last.offset + 1;
    this.#tails.set(partition, tail);
    this.#kept.push(batch);
    this.#bytes += bytes;
    this.#trim();
    for (const waiter of [...this.#waiters]) this.#tell(waiter);
  }

  /** Keeps what comes, until the answer is called. */
  follow(): () => void {
    this.#followers++;
    return () => {
      this.#followers--;
      this.#trim();
    };
  }

  async *read(partition: number, from: number): AsyncGenerator<readonly StoredRecord[]> {
    const tail = this.#tails.get(partition);
    if (tail === undefined || from < tail.from) {
      yield* this.broker.read(runEvents.name, partition, from);
      return;
    }
    for (const { records } of [...tail.batches])
      if ((records.at(-1)?.offset ?? -1) >= from) yield records.filter(({ offset }) => offset >= from);
  }

  /** The partitions that hold more than is in front of these offsets, as soon as there is one; none: `signal` came first. */
  grown(offsets: readonly number[], signal: AbortSignal): Promise<readonly number[]> {
    return new Promise((resolve) => {
      const end = (grown: readonly number[]) => {
        signal.removeEventListener('abort', left);
        this.#waiters.delete(waiter);
        resolve(grown);
      };
      const left = () => end([]);
      const waiter: Waiter = { offsets, resolve: end };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', left, { once: true });
      if (signal.aborted) left();
      else this.#tell(waiter);
    });
  }

  #tell({ offsets, resolve }: Waiter): void {
    const grown = offsets.flatMap((offset, partition) =>
      (this.#tails.get(partition)?.end ?? 0) > offset ? [partition] : [],
    );
    if (grown.length > 0) resolve(grown);
  }

  #trim(): void {
    const isFollowed = this.#followers > 0;
    while (isFollowed ? this.#bytes > KEPT_BYTES_MAX && this.#kept.length > 1 : this.#kept.length > 0) {
      const oldest = this.#kept.shift();
      if (oldest === undefined) return;
      this.#bytes -= oldest.bytes;
      const tail = this.#tails.get(oldest.partition);
      // Of a tail that begins anew since, it is not there.
      if (tail?.batches[0] !== oldest) continue;
      tail.batches.shift();
      tail.from = (oldest.records.at(-1)?.offset ?? -1) + 1;
    }
  }
}
