import type { Broker, StoredRecord } from '@interlock/broker';
import { runCommands, runEvents, traceGroup } from '@interlock/contracts';
import { startingAt } from '@interlock/log';
import type { CommittedPlace, SharedPartition, ShareSource } from '@interlock/projection';
import { RequestPartition } from './request.partition.js';
import { type Deliver, readStart, startText, TracePartition, type TraceStart } from './trace.partition.js';

export interface TraceSharePorts {
  readonly broker: Pick<Broker, 'bounds' | 'committed'>;
  /** What spans call the broker in `messaging.system`. */
  readonly system: string;
  readonly emit: Deliver;
  /** Records were taken: their spans are emitted. */
  readonly taken: () => void;
  /** Resolves when what was emitted is with the collector, or has had its time. */
  readonly drained: () => Promise<void>;
  readonly note: (level: 'error', what: string, facts: Record<string, unknown>) => void;
  readonly dead: (error: Error) => void;
}

export interface TracesStopped {
  readonly topic: string;
  readonly partition: number;
  readonly because: string;
}

/** The traces of one partition: of the requests in `run.commands` and of the runs in `run.events`. */
export class TraceShare implements SharedPartition {
  #events: TracePartition | undefined;
  #requests: RequestPartition | undefined;
  #stoppedBy: TracesStopped | undefined;
  #isHalted = false;

  constructor(
    readonly partition: number,
    private readonly source: ShareSource,
    private readonly ports: TraceSharePorts,
  ) {
    this.#open().catch(ports.dead);
  }

  /** What people must look at before its traces go on. */
  get stoppedBy(): TracesStopped | undefined {
    return this.#stoppedBy;
  }

  records(topic: string, records: readonly StoredRecord[]): void {
    if (this.#isHalted || this.#stoppedBy !== undefined) return;
    try {
      (topic === runEvents.name ? this.#events : this.#requests)?.take(records);
    } catch (error) {
      this.#stop(topic, String(error));
    }
    this.ports.taken();
  }

  positions(): readonly CommittedPlace[] {
    if (this.#events === undefined || this.#requests === undefined) return [];
    const { partition } = this;
    const { start } = this.#events;
    const { offset } = this.#requests;
    return [
      { topic: runEvents.name, partition, position: { offset: start.emitted, metadata: startText(start) } },
      { topic: runCommands.name, partition, position: { offset, metadata: '' } },
    ];
  }

  pause(): void {
    for (const topic of [runEvents.name, runCommands.name]) this.source.pause(topic);
  }

  resume(): void {
    for (const topic of [runEvents.name, runCommands.name]) this.source.resume(topic);
  }

  /** Takes nothing more. */
  halt(): void {
    this.#isHalted = true;
  }

  async close(): Promise<void> {
    this.halt();
    await this.ports.drained();
  }

  async #open(): Promise<void> {
    const { partition, source, ports } = this;
    const start = await this.#startOf();
    const { offset } = await this.#placeOf(runCommands.name);
    if (this.#isHalted) return;
    this.#events = new TracePartition(partition, start, ports.system, ports.emit);
    this.#requests = new RequestPartition(offset, ports.emit);
    source.seek(runEvents.name, start.from.offset);
    source.seek(runCommands.name, offset);
  }

  /** A commit that the log does not hold any more, or not yet, is of another log: from its start then. */
  async #startOf(): Promise<TraceStart> {
    const { offset: emitted, metadata, start, end } = await this.#placeOf(runEvents.name);
    const known = readStart(emitted, metadata);
    if (known !== undefined && known.from.offset >= start && emitted <= end) return known;
    return { from: startingAt(start), emitted: start };
  }

  async #placeOf(topic: string) {
    const { broker } = this.ports;
    const { start, end } = await broker.bounds(topic, this.partition);
    const committed = await broker.committed(traceGroup, topic, this.partition);
    const { offset = start, metadata = '' } = committed ?? {};
    return { start, end, metadata, offset: offset >= start && offset <= end ? offset : start };
  }

  #stop(topic: string, because: string): void {
    const { partition } = this;
    this.#stoppedBy = { topic, partition, because };
    this.ports.note('error', 'the traces of this partition stopped: people must look', {
      partition,
      error: because,
    });
  }
}
