import type { Cancel, Runtime } from '@interlock/actors';
import type { SpanSender } from './sdk.sender.js';
import type { FinishedSpan } from './span.js';

interface Waiting {
  readonly spans: readonly FinishedSpan[];
  readonly settled: () => void;
}

export interface SpanQueueObserver {
  exported(spans: number): void;
  dropped(spans: number, because: string): void;
  /** The collector does not answer; the queue tries again. */
  failed(because: string): void;
  /** There is room again. */
  relieved(): void;
}

export const BATCH_SPANS = 512;
/** Spans that wait at most; when it is full its readers stop reading, because unread records are safe in the log. */
export const QUEUE_SPANS_MAX = 4_096;
const LINGER_MS = 500;
/** What a stop waits for the collector. */
const CLOSE_MS = 3_000;
const RETRY_MS_MAX = 30_000;

/**
 * Spans on their way to the collector, in order, one batch at a time. A collector that is down is asked again with growing pauses,
 * without end: nothing is lost and nothing is held up, because the readers wait with the log. What it refuses for good is dropped.
 */
export class SpanQueue {
  #waiting: Waiting[] = [];
  #size = 0;
  #isFull = false;
  #isClosed = false;
  #retryMs = 1_000;
  #timer: Cancel | undefined;
  #sending: Promise<void> | undefined;
  /** Ends the pause before the next try. */
  #wake: () => void = () => {};

  constructor(
    private readonly sender: SpanSender,
    private readonly scheduler: Runtime['scheduler'],
    private readonly observer: SpanQueueObserver,
  ) {}

  get isFull(): boolean {
    return this.#isFull;
  }

  get size(): number {
    return this.#size;
  }

  /** @param settled called once they are exported or dropped, in the order of the calls */
  add(spans: readonly FinishedSpan[], settled: () => void): void {
    this.#waiting.push({ spans, settled });
    this.#size += spans.length;
    this.#isFull ||= this.#size >= QUEUE_SPANS_MAX;
    if (this.#sending === undefined) this.#soon(this.#size >= BATCH_SPANS ? 0 : LINGER_MS);
  }

  /** Sends what waits, but only until a batch fails or time is up: the rest is emitted again at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.();
    this.#wake();
    const timeUp = this.#after(CLOSE_MS);
    await Promise.race([timeUp.done, this.#sendRest()]);
    timeUp.cancel();
  }

  async #sendRest(): Promise<void> {
    await this.#sending;
    while (this.#size > 0 && (await this.#sendBatch()));
  }

  #soon(ms: number): void {
    if (this.#isClosed || (this.#timer !== undefined && ms > 0)) return;
    this.#timer?.();
    this.#timer = this.scheduler.after(ms, () => {
      this.#timer = undefined;
      this.#sending ??= this.#work().finally(() => {
        this.#sending = undefined;
      });
    });
  }

  async #work(): Promise<void> {
    while (this.#size > 0 && !this.#isClosed) {
      if (await this.#sendBatch()) continue;
      const pause = this.#after(this.#pause());
      this.#wake = pause.cancel;
      await pause.done;
    }
  }

  #after(ms: number): { readonly done: Promise<void>; readonly cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.scheduler.after(ms, resolve);
    return {
      done: promise,
      cancel() {
        cancel();
        resolve();
      },
    };
  }

  #pause(): number {
    const pause = this.#retryMs;
    this.#retryMs = Math.min(RETRY_MS_MAX, pause * 2);
    return pause;
  }

  /** Whether the batch is dealt with. */
  async #sendBatch(): Promise<boolean> {
    const batch = this.#nextBatch();
    const spans = batch.flatMap((waiting) => waiting.spans);
    const sent = await this.sender.send(spans);
    if (sent.outcome === 'later') {
      this.observer.failed(sent.because);
      return false;
    }
    if (sent.outcome === 'refused') this.observer.dropped(sent.spans, sent.because);
    else this.observer.exported(sent.spans);
    this.#retryMs = 1_000;
    this.#waiting = this.#waiting.slice(batch.length);
    this.#size -= spans.length;
    for (const { settled } of batch) settled();
    this.#relieve();
    return true;
  }

  #nextBatch(): Waiting[] {
    let spans = 0;
    const end = this.#waiting.findIndex((waiting) => {
      spans += waiting.spans.length;
      return spans > BATCH_SPANS;
    });
    // A copy: spans are added while it is on its way.
    return this.#waiting.slice(0, end < 0 ? undefined : Math.max(1, end));
  }

  #relieve(): void {
    if (!this.#isFull || this.#size > QUEUE_SPANS_MAX / 2) return;
    this.#isFull = false;
    this.observer.relieved();
  }
}
