/**
 * The way of decisions into the log.
 *
 * Q1. Appends are serial; while one is in flight the next is built.
 * Q2. A batch holds the cursor as it was when it was closed, so what is decided later is never passed by it.
 * Q3. Nothing of a batch takes effect before it is accepted.
 */
import type { FencedWriter } from '@interlock/log';
import { Batch, type Decided, deferredDraft } from './batch.js';
import type { DeferredInput } from './deferred-inputs.js';
import type { OwnLog } from './own-log.js';
import type { PartitionInputs } from './partition-inputs.js';
import type { EffectResult } from './running-effects.js';

/** Closed batches that may wait; with more, deciding waits for the log. */
const READY_MAX = 2;

export interface AppendQueuePorts<State> {
  readonly now: () => number;
  readonly accepted: (batch: Batch<State>) => void;
  readonly failed: (error: unknown) => void;
}

export class AppendQueue<State> {
  /** UTC ms of the last answer. */
  lastAppendAt = 0;
  #building = new Batch<State>();
  #ready: Batch<State>[] = [];
  #inFlight: Batch<State> | undefined;
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(
    readonly own: OwnLog<State>,
    readonly writer: FencedWriter,
    readonly inputs: PartitionInputs<State>,
    readonly ports: AppendQueuePorts<State>,
  ) {}

  get isFull(): boolean {
    return this.#ready.length >= READY_MAX;
  }

  get isIdle(): boolean {
    return this.#inFlight === undefined && this.#ready.length === 0 && this.#building.isEmpty;
  }

  /** The batch that the next decision goes into, with room for it; undefined when the log must answer first. */
  roomFor({ drafts }: Pick<Decided<State>, 'drafts'>): Batch<State> | undefined {
    if (!this.#building.hasRoomFor(drafts)) this.#close();
    return this.isFull ? undefined : this.#building;
  }

  get building(): Batch<State> {
    return this.#building;
  }

  addProgress(): void {
    this.#building.addProgress(this.ports.now());
  }

  /** False when there is no room for it before the log has answered, or none at all: then it keeps the cursor where it is. */
  addDeferred(input: DeferredInput): boolean {
    const draft = deferredDraft(input, this.ports.now());
    const batch = this.roomFor({ drafts: [draft] });
    if (batch === undefined || !batch.hasRoomFor([draft])) return false;
    batch.addDeferred(input, draft);
    return true;
  }

  addResult(result: EffectResult): void {
    this.#building.results.push(result);
  }

  /** Q1 */
  flush(): void {
    if (this.#inFlight !== undefined || this.#over) return;
    if (this.#ready.length === 0) this.#close();
    const batch = this.#ready.shift();
    if (batch === undefined) {
      this.#wake();
      return;
    }
    this.#inFlight = batch;
    void this.#append(batch);
  }

  /** Resolves when everything decided so far is accepted. */
  flushed(): Promise<void> {
    if (this.isIdle || this.#over) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** From now on the append in flight is in doubt, and its answer has no effect here. */
  stop(): void {
    this.#over = true;
    this.#wake();
  }

  /** Q2 */
  #close(): void {
    const batch = this.#building;
    if (batch.isEmpty) return;
    if (batch.drafts.length === 0) batch.addProgress(this.ports.now());
    batch.cursor = this.inputs.cursor();
    batch.released = this.inputs.takeReleased(batch.cursor);
    this.#building = new Batch();
    this.#ready.push(batch);
  }

  async #append(batch: Batch<State>): Promise<void> {
    try {
      const { drafts, cursor, released } = batch;
      const { hashes, position } = await this.writer.append(drafts, cursor, released, this.#links(batch));
      if (this.#over) return;
      this.lastAppendAt = this.ports.now();
      this.#inFlight = undefined;
      this.own.accept(batch, position, hashes);
    } catch (error) {
      if (!this.#over) this.ports.failed(error);
      return;
    }
    this.ports.accepted(batch);
    this.flush();
  }

  /** The hash each event of a numbered actor follows: the one before it in this append, else the last accepted. */
  #links({ drafts }: Batch<State>) {
    if (!this.own.spec.numbered) return undefined;
    const last = new Map<string, Uint8Array>();
    return ({ meta }: { meta: { run?: string } }, place: number, hashes: readonly Uint8Array[]) => {
      const before = drafts[place - 1]?.meta.run;
      const hash = hashes[place - 1];
      if (before !== undefined && hash !== undefined) last.set(before, hash);
      return meta.run === undefined ? undefined : (last.get(meta.run) ?? this.own.store.link(meta.run));
    };
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
