import { Worker } from 'node:worker_threads';
import { errorOf } from '@interlock/contracts';
import type { Offset, StoredRecord } from '../broker.js';
import { OutcomeUnknownError } from '../errors.js';
import { encodeBatch, type QueuedAppend, storedRecords } from './batch.encoder.js';
import { BrokerClosedError, NotDurableError } from './errors.js';
import type { PartitionLog } from './partition.log.js';
import type { Statement } from './schema.js';
import type { WriterData, WriterFailed, WriterMessage, WriterOpened } from './writer.protocol.js';

/** Two: one that the writer commits, and one that waits for it, so that it never waits for us. */
const BATCHES_OUT_MAX = 2;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const SYNCHRONOUS_FULL = 2;

export interface Append extends QueuedAppend {
  readonly resolve: (offset: Offset) => void;
  readonly reject: (error: Error) => void;
}

interface SentBatch {
  readonly sequence: number;
  readonly appends: readonly Append[];
  readonly stored: ReadonlyMap<PartitionLog, readonly StoredRecord[]>;
  readonly answers: readonly { resolve: () => void; reject: (error: Error) => void }[];
}

/**
 * This thread's side of the writer. Appends get their offsets here, in the order of the calls, and are sent in batches; whatever
 * queues up while two are out goes into the next. After a failure nothing is sent any more.
 */
export class Writer {
  #appends: Append[] = [];
  #statements: { statement: Statement; resolve: () => void; reject: (error: Error) => void }[] = [];
  #out: SentBatch[] = [];
  #sequence = 0;
  #isScheduled = false;
  #failure: Error | undefined;
  #whenIdle: (() => void)[] = [];

  /** @param onFailure is called once, and answers with the error that every later call gets */
  private constructor(
    readonly worker: Worker,
    readonly opened: WriterOpened,
    readonly now: () => number,
    readonly onFailure: (cause: Error) => Error,
  ) {
    worker.on('message', (message: WriterMessage) => this.#hear(message));
    worker.on('error', (error) => this.fail(errorOf(error)));
    worker.on('exit', () => this.fail(new Error('the writer has ended')));
  }

  /**
   * Starts the writer and waits until its connection is open and durable.
   * @throws {NotDurableError} the connection would lose acknowledged records
   * @throws {WriterError} SQLite refused the file
   */
  static async start(
    data: WriterData,
    now: () => number,
    onFailure: (cause: Error) => Error,
  ): Promise<Writer> {
    const file = import.meta.url.endsWith('.ts') ? './writer.worker.ts' : './writer.worker.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      execArgv: [],
      name: 'log writer',
    });
    const opened = await new Promise<WriterMessage>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    if (typeof opened === 'number') throw new Error('the writer answered out of turn');
    if (opened.type === 'failed') throw new WriterError(opened);
    if (opened.journalMode !== 'wal' || opened.synchronous !== SYNCHRONOUS_FULL) {
      await worker.terminate();
      throw new NotDurableError(data.path, opened.journalMode, opened.synchronous);
    }
    return new Writer(worker, opened, now, onFailure);
  }

  /** Gives `append` the next offsets of its partition and answers it when it is on the disk. */
  append({ log, records, payloadBytes, resolve, reject }: Omit<Append, 'base'>): void {
    if (this.#failure !== undefined) {
      reject(this.#failure);
      return;
    }
    const base = log.assigned;
    log.assigned += records.length;
    this.#appends.push({ log, base, records, payloadBytes, resolve, reject });
    this.#schedule();
  }

  /** Runs statements in one transaction; resolves when it is on the disk. */
  async run(statements: readonly Statement[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await Promise.all(
      statements.map(
        (statement) =>
          new Promise<void>((resolve, reject) => {
            this.#statements.push({ statement, resolve, reject });
            this.#schedule();
          }),
      ),
    );
  }

  /** Resolves once everything given to it has its answer. */
  async idle(): Promise<void> {
    if (this.#out.length > 0 || this.#isScheduled) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  /** Ends it in order, within `waitMsMax`; what has no answer by then fails. */
  async close(waitMsMax: number): Promise<void> {
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    if (this.#failure !== undefined) return void (await this.worker.terminate());
    this.#failure = new BrokerClosedError();
    this.worker.postMessage('close');
    const timer = setTimeout(() => void this.worker.terminate(), waitMsMax);
    await ended;
    clearTimeout(timer);
    this.#abandon(this.#failure);
  }

  /** Ends it at once. What was sent may or may not be on the disk. */
  fail(cause: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = this.onFailure(cause);
    void this.worker.terminate();
    this.#abandon(this.#failure);
  }

  #abandon(cause: Error): void {
    const appends = [...this.#out.flatMap((batch) => batch.appends), ...this.#appends];
    const answers = [...this.#out.flatMap((batch) => batch.answers), ...this.#statements];
    this.#out = [];
    this.#appends = [];
    this.#statements = [];
    for (const { log, reject } of appends) reject(new OutcomeUnknownError(log.topic, log.partition, cause));
    for (const { reject } of answers) reject(cause);
    for (const wake of this.#whenIdle.splice(0)) wake();
  }

  /** In a microtask, so that appends of one turn of the event loop travel together. */
  #schedule(): void {
    if (this.#isScheduled || this.#out.length >= BATCHES_OUT_MAX) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#out.length >= BATCHES_OUT_MAX) return;
    if (this.#appends.length === 0 && this.#statements.length === 0) return;
    const appends = this.#take();
    const statements = this.#statements;
    this.#statements = [];
    const sequence = ++this.#sequence;
    const batch = encodeBatch(
      sequence,
      this.now(),
      appends,
      statements.map(({ statement }) => statement),
    );
    this.worker.postMessage(batch, [batch.data.buffer as ArrayBuffer]);
    this.#out.push({ sequence, appends, stored: storedRecords(appends), answers: statements });
    if (this.#appends.length > 0) this.#schedule();
  }

  #take(): readonly Append[] {
    let bytes = 0;
    const cut = this.#appends.findIndex((append) => {
      bytes += append.payloadBytes;
      return bytes > BATCH_BYTES_MAX;
    });
    if (cut > 0) return this.#appends.splice(0, cut);
    const all = this.#appends;
    this.#appends = [];
    return all;
  }

  #hear(message: WriterMessage): void {
    if (typeof message === 'number') this.#acknowledged(message);
    else if (message.type === 'failed') this.fail(new WriterError(message));
  }

  #acknowledged(sequence: number): void {
    const done = this.#out.findIndex((batch) => batch.sequence > sequence);
    const batches = this.#out.splice(0, done === -1 ? this.#out.length : done);
    this.#send();
    for (const batch of batches) settle(batch);
    if (this.#out.length === 0 && !this.#isScheduled) for (const wake of this.#whenIdle.splice(0)) wake();
  }
}

/** Readers first: their next hop takes longer, and the author only continues. */
function settle({ stored, appends, answers }: SentBatch): void {
  for (const [log, records] of stored) log.committed(records);
  for (const { resolve, base } of appends) resolve(base);
  for (const { resolve } of answers) resolve();
}

/** SQLite's words and code, from the other thread. */
export class WriterError extends Error {
  readonly errcode: number | undefined;

  constructor({ message, errcode }: WriterFailed) {
    super(message);
    this.errcode = errcode;
  }
}
