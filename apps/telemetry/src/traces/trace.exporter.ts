import type { Runtime } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import { runCommands, runEvents, traceGroup } from '@interlock/contracts';
import { ShareReader } from '@interlock/projection';
import type { SpanSender } from './sdk.sender.js';
import { SpanQueue, type SpanQueueObserver } from './span.queue.js';
import { TraceShare, type TracesStopped } from './trace.share.js';

/** How long a partition that is given away waits for its spans to be with the collector. */
const REVOKE_MS = 2_000;
const POLL_MS = 20;

export interface TracePorts {
  readonly broker: Broker;
  readonly runtime: Runtime;
  readonly sender: SpanSender;
  /** What spans call the broker in `messaging.system`. */
  readonly system: string;
  readonly note: (level: 'warn' | 'error', what: string, facts: Record<string, unknown>) => void;
  readonly observer: Omit<SpanQueueObserver, 'relieved'>;
}

/** This process's share of the traces. Only what is with the collector is committed; after a restart it goes on from there. */
export class TraceExporter {
  readonly #share: ShareReader<TraceShare>;
  readonly #queue: SpanQueue;
  #isPaused = false;
  #isStopped = false;

  constructor(
    private readonly ports: TracePorts,
    dead: (error: Error) => void,
  ) {
    const { broker, runtime, sender, observer, note, system } = ports;
    const { scheduler } = runtime;
    this.#queue = new SpanQueue(sender, scheduler, {
      ...observer,
      exported: (spans) => {
        observer.exported(spans);
        scheduler.soon(() => void this.#share.commit());
      },
      relieved: () => this.#resume(),
    });
    const uncommitted = (error: unknown) =>
      note('warn', 'positions of traces not committed', { error: String(error) });
    const share = {
      broker,
      system,
      note,
      dead,
      emit: (spans, settled) => this.#queue.add(spans, settled),
      taken: () => this.#pauseWhenFull(),
      drained: () => this.#drained(),
    } satisfies ConstructorParameters<typeof TraceShare>[2];
    this.#share = new ShareReader(
      { broker, scheduler, uncommitted, dead },
      traceGroup,
      [runEvents.name, runCommands.name],
      (partition, source) => new TraceShare(partition, source, share),
    );
  }

  start(): Promise<void> {
    return this.#share.start();
  }

  /** Everything that waits is sent first, unless the collector does not answer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const partition of this.#share.partitions) partition.halt();
    await this.#queue.close();
    await this.#share.stop();
  }

  /** How far the traces of each partition are with the collector. */
  asOf(): { readonly topic: string; readonly partition: number; readonly offset: number }[] {
    return this.#share.partitions.flatMap((one) =>
      one
        .positions()
        .map(({ topic, partition, position }) => ({ topic, partition, offset: position.offset })),
    );
  }

  /** Partitions whose traces stand still, each with the reason. */
  get stopped(): readonly TracesStopped[] {
    return this.#share.partitions.flatMap(({ stoppedBy }) => stoppedBy ?? []);
  }

  #pauseWhenFull(): void {
    if (this.#isPaused || !this.#queue.isFull) return;
    this.#isPaused = true;
    for (const partition of this.#share.partitions) partition.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    for (const partition of this.#share.partitions) partition.resume();
  }

  async #drained(): Promise<void> {
    const { clock, scheduler } = this.ports.runtime;
    const until = clock.now() + REVOKE_MS;
    while (!this.#isStopped && this.#queue.size > 0 && clock.now() < until)
      await new Promise<void>((resolve) => void scheduler.after(POLL_MS, resolve));
  }
}
