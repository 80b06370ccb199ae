import type { Cancel, Runtime } from '@interlock/actors';
import type { Broker, GroupMember, Membership, StoredRecord } from '@interlock/broker';
import { runCommands, runEvents, traceGroup } from '@interlock/contracts';
import { startingAt } from '@interlock/log';
import type { SpanSender } from './otlp.sender.js';
import { RequestPartition } from './request.partition.js';
import { SpanQueue, type SpanQueueObserver } from './span.queue.js';
import { readStart, startText, type Tell, TracePartition, type TraceStart } from './trace.partition.js';

/** Where nothing is told; what is told is committed as soon as the collector has it. */
const COMMIT_MS = 5_000;
/** How long a partition that is given away waits for its spans to be with the collector. */
const REVOKE_MS = 2_000;
const topicNames = [runEvents.name, runCommands.name];

export interface TracePorts {
  readonly broker: Broker;
  readonly runtime: Runtime;
  readonly sender: SpanSender;
  /** What spans call the broker in `messaging.system`. */
  readonly system: string;
  readonly note: (level: 'warn' | 'error', what: string, facts: Record<string, unknown>) => void;
  readonly observer: Omit<SpanQueueObserver, 'relieved'>;
}

interface Seat {
  readonly events: TracePartition;
  readonly requests: RequestPartition;
  /** As last committed. */
  said: string;
  isStopped: boolean;
  /** What people must look at before its traces go on. */
  stoppedBy?: TracesStopped;
}

export interface TracesStopped {
  readonly topic: string;
  readonly partition: number;
  readonly because: string;
}

/** This process's share of the traces. Only what is with the collector is committed; after a restart it goes on from there. */
export class TraceExporter implements GroupMember {
  readonly #seats = new Map<number, Seat>();
  readonly #queue: SpanQueue;
  #membership: Membership | undefined;
  #early: number[] = [];
  #committing: Cancel | undefined;
  #isPaused = false;
  #isStopped = false;

  constructor(
    private readonly ports: TracePorts,
    private readonly dead: (error: Error) => void,
  ) {
    this.#queue = new SpanQueue(ports.sender, ports.runtime.scheduler, {
      ...ports.observer,
      exported: (spans) => {
        ports.observer.exported(spans);
        ports.runtime.scheduler.soon(() => void this.#commit([...this.#seats.keys()]));
      },
      relieved: () => this.#resume(),
    });
  }

  async start(): Promise<void> {
    this.#membership = await this.ports.broker.join(traceGroup, topicNames, this);
    for (const partition of this.#early.splice(0)) this.assigned(partition);
    this.#commitLater();
  }

  /** Everything that waits is sent first, unless the collector does not answer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#committing?.();
    await this.#queue.close();
    await this.#commit([...this.#seats.keys()]);
    await this.#membership?.leave();
  }

  /** How far the traces of each partition are with the collector. */
  asOf(): { readonly topic: string; readonly partition: number; readonly offset: number }[] {
    return [...this.#seats].flatMap(([partition, { events, requests }]) => [
      { topic: runEvents.name, partition, offset: events.offset },
      { topic: runCommands.name, partition, offset: requests.offset },
    ]);
  }

  /** Partitions whose traces stand still, each with the reason. */
  get stopped(): readonly TracesStopped[] {
    return [...this.#seats.values()].flatMap(({ stoppedBy }) => stoppedBy ?? []);
  }

  assigned(partition: number): void {
    if (this.#membership === undefined) this.#early.push(partition);
    else this.#open(partition).catch(this.dead);
  }

  async revoked(partition: number): Promise<void> {
    const seat = this.#seats.get(partition);
    if (seat === undefined) return;
    seat.isStopped = true;
    const { clock } = this.ports.runtime;
    const until = clock.now() + REVOKE_MS;
    while (this.#queue.size > 0 && clock.now() < until) await this.#after(20);
    await this.#commit([partition]);
    this.#seats.delete(partition);
  }

  records(topic: string, partition: number, records: readonly StoredRecord[]): void {
    const seat = this.#seats.get(partition);
    if (seat === undefined || seat.isStopped || this.#isStopped) return;
    try {
      (topic === runEvents.name ? seat.events : seat.requests).take(records);
    } catch (error) {
      seat.isStopped = true;
      seat.stoppedBy = { topic, partition, because: String(error) };
      this.ports.note('error', 'the traces of this partition stopped: people must look', {
        partition,
        error: String(error),
      });
    }
    if (this.#queue.isFull) this.#pause();
  }

  failed(error: Error): void {
    this.dead(error);
  }

  async #open(partition: number): Promise<void> {
    const start = await this.#startOf(partition);
    const { offset } = await this.#placeOf(runCommands.name, partition);
    const tell: Tell = (spans, settled) => this.#queue.add(spans, settled);
    this.#seats.set(partition, {
      events: new TracePartition(partition, start, this.ports.system, tell),
      requests: new RequestPartition(offset, tell),
      said: '',
      isStopped: false,
    });
    this.#membership?.seek(runEvents.name, partition, start.from.offset);
    this.#membership?.seek(runCommands.name, partition, offset);
  }

  /** A commit that the log does not hold any more, or not yet, is of another log: from its start then. */
  async #startOf(partition: number): Promise<TraceStart> {
    const { offset: told, metadata, start, end } = await this.#placeOf(runEvents.name, partition);
    const known = readStart(told, metadata);
    if (known !== undefined && known.from.offset >= start && told <= end) return known;
    return { from: startingAt(start), told: start };
  }

  async #placeOf(topic: string, partition: number) {
    const { broker } = this.ports;
    const { start, end } = await broker.bounds(topic, partition);
    const committed = await broker.committed(traceGroup, topic, partition);
    const { offset = start, metadata = '' } = committed ?? {};
    return { start, end, metadata, offset: offset >= start && offset <= end ? offset : start };
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#each((topic, partition) => this.#membership?.pause(topic, partition));
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#each((topic, partition) => this.#membership?.resume(topic, partition));
  }

  #each(act: (topic: string, partition: number) => void): void {
    for (const partition of this.#seats.keys()) for (const topic of topicNames) act(topic, partition);
  }

  #commitLater(): void {
    if (this.#isStopped) return;
    this.#committing = this.ports.runtime.scheduler.after(COMMIT_MS, () => {
      void this.#commit([...this.#seats.keys()]).then(() => this.#commitLater());
    });
  }

  async #commit(partitions: readonly number[]): Promise<void> {
    const changed = partitions.flatMap((partition) => {
      const seat = this.#seats.get(partition);
      if (seat === undefined) return [];
      const positions = positionsOf(partition, seat);
      const said = JSON.stringify(positions);
      return said === seat.said ? [] : [{ seat, positions, said }];
    });
    if (changed.length === 0) return;
    try {
      await this.#membership?.commit(changed.flatMap(({ positions }) => positions));
      for (const { seat, said } of changed) seat.said = said;
    } catch (error) {
      this.ports.note('warn', 'positions of traces not committed', { error: String(error) });
    }
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.ports.runtime.scheduler.after(ms, resolve));
  }
}

function positionsOf(partition: number, { events, requests }: Seat) {
  const { start } = events;
  return [
    { topic: runEvents.name, partition, position: { offset: start.told, metadata: startText(start) } },
    { topic: runCommands.name, partition, position: { offset: requests.offset, metadata: '' } },
  ];
}
