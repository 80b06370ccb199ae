/**
 * One actor kind on one partition of its fenced log.
 *
 * H1. Nothing is decided without a claim.
 * H2. In doubt everything that no accepted append holds is dropped, results of effects aside, and the partition is claimed again.
 * H3. Effects outlive a doubt: what they find out is decided by the next term, or handed over to whoever has the partition then.
 */
import type { Broker, Producer, StoredRecord } from '@interlock/broker';
import { errorText } from '@interlock/contracts';
import { CorruptLogError, DivergedError, TruncatedLogError, UnreadableVersionError } from '@interlock/log';
import { type Acquired, acquire } from './acquire.js';
import type { Batch } from './batch.js';
import type { HostObserver, HostSpec } from './host.spec.js';
import { OwnLog } from './own-log.js';
import { type EffectResult, RunningEffects } from './running-effects.js';
import type { Cancel, Runtime } from './runtime.js';
import { Term } from './term.js';

/** Where a host gets its inputs from: the group's membership, seen from one partition. */
export interface InputSource {
  seek(topic: string, offset: number): void;
  pause(topic: string): void;
  resume(topic: string): void;
}

/** What follows from an accepted append outside the log; each may be lost with the process. */
export interface HostConsequences<State> {
  quarantine(partition: number, batch: Batch<State>): void;
  accepted?(partition: number, own: OwnLog<State>, batch: Batch<State>): void;
}

export interface PartitionPorts<State> {
  readonly broker: Broker;
  readonly source: InputSource;
  readonly runtime: Runtime;
  readonly observer: HostObserver;
  readonly consequences: HostConsequences<State>;
  /** Fills the fold from a cache before the first claim; undefined: from the start of the log. */
  readonly warm?: (own: OwnLog<State>) => Promise<void>;
}

export type HostMode = 'idle' | 'claiming' | 'active' | 'stopped';

/** How long a partition that a newer release holds is left alone, ms. */
const UNREADABLE_RETRY_MS = 5_000;
const BACKOFF_DOUBLINGS_MAX = 5;
/** After a term this long the next doubt counts as the first again, ms. */
const STEADY_MS = 10_000;

export class PartitionHost<State> {
  readonly own: OwnLog<State>;
  readonly effects: RunningEffects;
  #mode: HostMode = 'idle';
  #stopping = false;
  #failedClaims = 0;
  #claimedAt = 0;
  #seemedCorrupt = false;
  #haltedBy: string | undefined;
  /** What the own log holds that this release cannot read. */
  #unreadable: string | undefined;
  #producer: Producer | undefined;
  #term: Term<State> | undefined;
  #renewal: Cancel | undefined;

  constructor(
    readonly spec: HostSpec<State>,
    readonly partition: number,
    readonly ports: PartitionPorts<State>,
  ) {
    this.own = new OwnLog(spec, partition);
    this.effects = new RunningEffects(
      spec.perform,
      (result) => this.#arrived(result),
      (effect, error) => this.#note('error', 'an effect broke', { effect: effect.id, error: String(error) }),
      (key) => this.#term?.effectOver(key),
    );
  }

  get mode(): HostMode {
    return this.#mode;
  }

  /** Claimed, and every input read to where it ended at the claim. */
  get isReady(): boolean {
    return this.#term?.isCaughtUp === true;
  }

  /** Why the partition cannot go on here until people have looked. */
  get haltedBy(): string | undefined {
    return this.#haltedBy;
  }

  /** Topics, the own log included, that wait for an upgrade of this process. */
  get stoppedInputs(): string[] {
    const feeds = this.#term?.inputs.feeds ?? [];
    const inputs = feeds.flatMap(({ topic, stoppedBy }) => (stoppedBy ? [`${topic}: ${stoppedBy}`] : []));
    return this.#unreadable === undefined ? inputs : [`${this.spec.topic}: ${this.#unreadable}`, ...inputs];
  }

  start(): void {
    void this.#claim();
  }

  /** Something besides the inputs has changed: actors with deferred inputs are asked again. */
  wake(): void {
    this.#term?.wake();
  }

  /** Records of an input from the last `seek` on. */
  add(topic: string, records: readonly StoredRecord[]): void {
    this.#term?.add(topic, records);
  }

  /** Takes no new work, lets effects end for at most `drainMs`, appends what is decided, lets go. */
  async stop(): Promise<void> {
    if (this.#haltedBy !== undefined) this.effects.stopAll();
    if (this.#stopping) return;
    this.#stopping = true;
    const term = this.#term;
    if (term !== undefined) {
      term.drain();
      await this.#withinDrain(this.#finished(term));
      await this.#withinDrain(term.flushed());
    }
    this.#letGo('stopped');
    this.effects.stopAll();
    await this.#handOver();
  }

  /** First waits until everything decided is accepted: those events may start effects that have to be waited for too. */
  async #finished(term: Term<State>): Promise<void> {
    do {
      await term.flushed();
      await this.effects.settled();
      // The append that records one result may start the next effect.
    } while ((!term.isIdle || this.effects.size > 0) && term === this.#term);
  }

  /** H1 */
  async #claim(): Promise<void> {
    this.#mode = 'claiming';
    const producer = this.ports.broker.producer();
    this.#producer = producer;
    try {
      const taken = await acquire(this.own, { ...this.ports, warm: (own) => this.#warm(own) }, producer);
      if (this.#stopping) await producer.close();
      else this.#begin(taken);
    } catch (error) {
      this.#notClaimed(error);
    }
  }

  /** Once this host is stopped, another one of this process may hold the partition: the cache is that one's. */
  async #warm(own: OwnLog<State>): Promise<void> {
    if (this.#stopping) throw new Error('the host was stopped before it had claimed');
    await this.ports.warm?.(own);
  }

  #begin(taken: Acquired): void {
    this.#mode = 'active';
    this.#claimedAt = this.ports.runtime.clock.now();
    this.#seemedCorrupt = false;
    this.#unreadable = undefined;
    this.own.position = taken.writer.position;
    this.own.lastHash = undefined;
    this.#note('info', 'claimed', { epoch: taken.writer.position.epoch, actors: this.own.store.size });
    const { broker, runtime, source, observer, consequences } = this.ports;
    this.#term = new Term(this.own, this.effects, taken, {
      broker,
      runtime,
      source,
      note: (level, what, facts) => this.#note(level, what, facts),
      accepted: (batch) => {
        if (batch.quarantined.length > 0) consequences.quarantine(this.partition, batch);
        consequences.accepted?.(this.partition, this.own, batch);
      },
      doubt: (error) => this.#doubt(error),
      halt: (error) => {
        this.#halt(error);
        observer.stopped(this.partition, error, false);
      },
    });
    for (const { topic, position } of this.#term.inputs.feeds) {
      source.seek(topic, position.offset);
      source.resume(topic); // The term before may have ended while it was paused.
    }
    this.#renewal = runtime.scheduler.after(this.spec.limits.claimAnewMs, () => void this.#claimAnew());
  }

  #notClaimed(error: unknown): void {
    this.#letGo(this.#stopping ? 'stopped' : 'idle');
    if (this.#stopping) return;
    // The input of a host that is deposed and does not know it may have been trimmed: only a log that is corrupt twice counts as corrupt.
    const isCorrupt = error instanceof CorruptLogError || error instanceof TruncatedLogError;
    if (error instanceof DivergedError || (isCorrupt && this.#seemedCorrupt)) {
      this.#halt(error);
      this.ports.observer.stopped(this.partition, error, error instanceof DivergedError);
      return;
    }
    this.#seemedCorrupt = isCorrupt;
    const isNewer = error instanceof UnreadableVersionError;
    this.#unreadable = isNewer ? `${error.wire} at offset ${error.offset}` : undefined;
    const retryInMs = isNewer ? UNREADABLE_RETRY_MS : this.#backoff();
    this.#note('warn', 'not claimed', { error: String(error), retryInMs });
    this.#again(retryInMs);
  }

  /** A new claim is a point to trim at. Pending decisions are accepted first, so nothing is decided twice. */
  async #claimAnew(): Promise<void> {
    const term = this.#term;
    if (term === undefined || this.#stopping) return;
    term.drain();
    await term.flushed();
    if (term !== this.#term || this.#stopping) return;
    this.#note('info', 'claiming anew', {});
    this.#letGo('idle');
    this.start();
  }

  #backoff(): number {
    const doublings = Math.min(this.#failedClaims++, BACKOFF_DOUBLINGS_MAX);
    const delay = this.spec.limits.claimBackoffMs * 2 ** doublings;
    return Math.round(delay * (0.5 + this.ports.runtime.random.next()));
  }

  /** H2 */
  #doubt(error: unknown): void {
    this.#note('warn', 'in doubt', { error: String(error) });
    this.#letGo(this.#stopping ? 'stopped' : 'idle');
    if (this.#stopping) return;
    // Two hosts that both believe they hold the partition depose each other, so each waits longer every time.
    if (this.ports.runtime.clock.now() - this.#claimedAt > STEADY_MS) this.#failedClaims = 0;
    this.#again(this.#backoff());
  }

  #again(delayMs: number): void {
    this.ports.runtime.scheduler.after(delayMs, () => {
      if (!this.#stopping && this.#mode === 'idle') this.start();
    });
  }

  #halt(error: unknown): void {
    this.#stopping = true;
    this.#haltedBy = errorText(error);
    this.#letGo('stopped');
  }

  #letGo(mode: HostMode): void {
    this.#mode = mode;
    this.#term?.stop();
    this.#term = undefined;
    this.#renewal?.();
    void this.#producer?.close();
    this.#producer = undefined;
  }

  /** H3 */
  #arrived(result: EffectResult): void {
    if (this.#term !== undefined) this.#term.addResult(result);
    else if (this.#mode === 'stopped') void this.#handOver();
  }

  async #handOver(): Promise<void> {
    const { handOver } = this.spec;
    if (handOver === undefined) return;
    for (const result of this.effects.unrecorded()) {
      try {
        await handOver(this.partition, result.key, result.effectId, result.result);
        this.effects.recorded(result);
      } catch (error) {
        this.#note('error', 'not handed over', { effect: result.effectId, error: String(error) });
      }
    }
  }

  /** Resolves with the work, or when a stop waits no longer. Its timer goes with the work: it would keep the process alive. */
  #withinDrain(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.ports.runtime.scheduler.after(this.spec.limits.drainMs, resolve);
      const done = () => {
        cancel();
        resolve();
      };
      void work.then(done, done);
    });
  }

  #note(
    level: Parameters<HostObserver['note']>[0],
    what: string,
    facts: Readonly<Record<string, unknown>>,
  ): void {
    this.ports.observer.note(level, what, { topic: this.spec.topic, partition: this.partition, ...facts });
  }
}
