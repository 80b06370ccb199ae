import { randomUUID } from 'node:crypto';
import { APPEND_BYTES_MAX, type NewRecord, partitionOf } from '@interlock/broker';
import { type AccessEvent, AccessRecorded, accessEvents } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import type { Log } from '../logger.js';
import { RefusalTally } from './refusal.tally.js';

export type Access = Omit<AccessEvent['data'], 'accessId'>;

interface Appender {
  append(topic: string, partition: number, record: NewRecord): Promise<void>;
}

/** The `sub` of whoever was not identified. */
export const STRANGER = 'anonymous';

/** The status of requests that are refused because the disk is under its reserve: they are not logged, to save the rest of it. */
const NO_ROOM = 507;

/** Records that wait to be appended; what comes beyond it is counted and dropped. */
const QUEUE_MAX = 20_000;
const FLUSH_MS = 1_000;
/** Refusals of strangers are written once in that time, however many there were: one record each would let them fill the disk. */
const TALLY_MS = 60_000;
/** Appends of one flush that are under way at once. */
const BATCH_MAX = Math.floor(APPEND_BYTES_MAX / 1_024);

/**
 * Who asked for what, into `access.events`: in batches, at most a second late, and never in the way of the request. A process
 * that is killed loses what it has not written; one that is stopped writes it first.
 */
export class AccessLog {
  readonly #open = new Set<() => void>();
  readonly #refusals = new RefusalTally();
  #queue: NewRecord[] = [];
  #dropped = 0;
  #flushing: Promise<void> = Promise.resolve();
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(
    private readonly appender: Appender,
    private readonly partitions: number,
    private readonly log: Pick<Log, 'warn'>,
    flushMs = FLUSH_MS,
    tallyMs = TALLY_MS,
  ) {
    this.#timers = [setInterval(() => this.flush(), flushMs), setInterval(() => this.#writeTally(), tallyMs)];
    for (const timer of this.#timers) timer.unref();
  }

  /** A request begins. What is returned says that it is answered; once is enough, and `close` says it for all that are open. */
  begin(describe: () => Access): () => void {
    const end = () => {
      if (this.#open.delete(end)) this.record(describe());
    };
    this.#open.add(end);
    return end;
  }

  record(access: Access): void {
    if (access.sub === STRANGER || access.status === NO_ROOM) this.#refusals.add(access);
    else this.#enqueue(access);
  }

  #writeTally(): void {
    for (const access of this.#refusals.take()) this.#enqueue(access);
  }

  #enqueue(access: Access): void {
    if (this.#queue.length >= QUEUE_MAX) {
      this.#dropped++;
      return;
    }
    const accessId = randomUUID();
    const { data } = AccessRecorded({ accessId, ...access });
    this.#queue.push(plainRecord(access.sub, AccessRecorded.wire, { id: accessId, time: access.at }, data));
  }

  /** Resolves when what was recorded so far is durable, or given up with a warning. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const end of this.#open) end();
    this.#writeTally();
    await this.flush();
  }

  async #write(): Promise<void> {
    const batch = this.#queue;
    const dropped = this.#dropped;
    this.#queue = [];
    this.#dropped = 0;
    if (dropped > 0)
      this.log.warn(
        { dropped },
        'access events were dropped: requests came faster than access.events could be written',
      );
    for (let from = 0; from < batch.length; from += BATCH_MAX) {
      const appended = batch.slice(from, from + BATCH_MAX).map((record) => this.#append(record));
      const lost = (await Promise.all(appended)).filter((isThere) => !isThere).length;
      if (lost > 0) this.log.warn({ lost }, 'access.events could not be written');
    }
  }

  #append(record: NewRecord): Promise<boolean> {
    const partition = partitionOf(record.key, this.partitions);
    return this.appender.append(accessEvents.name, partition, record).then(
      () => true,
      () => false,
    );
  }
}
