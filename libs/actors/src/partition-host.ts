/**
 * One actor kind on one partition of its fenced log.
 *
 * H1. Nothing is decided without a claim; effects and timers wait until every input was read to its end as noted at the claim.
 * H2. A timer fires only after every input was read to its end as noted when it fell due.
 * H3. Appends are serial; while one is in flight the next is decided.
 * H4. In doubt everything that no accepted append holds is dropped, results of effects aside, and the partition is claimed again.
 */
import type { Broker, Producer, StoredRecord } from '@interlock/broker';
import {
  CorruptLogError,
  type Cursor,
  claim,
  DivergedError,
  type FencedWriter,
  open,
  UnreadableVersionError,
} from '@interlock/log';
import type { Context, Effect, Input } from './actor.js';
import { Batch } from './batch.js';
import { decideOnce } from './decider.js';
import { DueQueue } from './due-queue.js';
import type { HostObserver, HostSpec } from './host.spec.js';
import { OwnLog, writtenVersions } from './own-log.js';
import { type NextInput, PartitionInputs } from './partition-inputs.js';
import { type EffectResult, RunningEffects } from './running-effects.js';
import type { Cancel, Runtime } from './runtime.js';

/** Where a host gets its inputs from; the group's membership, seen from one partition. */
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

interface LocalInput {
  readonly key: string;
  readonly input: Input;
  readonly result?: EffectResult;
}

/** Most inputs decided in one turn, so that others get theirs. */
const TURN_MAX = 500;

export class PartitionHost<State> {
  readonly own: OwnLog<State>;
  readonly effects: RunningEffects;
  #mode: HostMode = 'idle';
  #caughtUp = false;
  #draining = false;
  #generation = 0;
  #failedClaims = 0;
  #producer: Producer | undefined;
  #writer: FencedWriter | undefined;
  #inputs: PartitionInputs<State> | undefined;
  #ends: ReadonlyMap<string, number> = new Map();
  #due = new DueQueue();
  #dueGate: { readonly at: number; readonly ends: ReadonlyMap<string, number> } | undefined;
  #noting = false;
  #alarm: { readonly at: number; readonly cancel: Cancel } | undefined;
  #tick: Cancel | undefined;
  #local: LocalInput[] = [];
  #starts: { readonly key: string; readonly effect: Effect }[] = [];
  #building = new Batch<State>();
  #ready: Batch<State>[] = [];
  #inFlight: Batch<State> | undefined;
  #results = new Map<Batch<State>, EffectResult[]>();
  #lastAppendAt = 0;
  #turnAsked = false;
  #idleWaiters: (() => void)[] = [];

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
    );
  }

  get mode(): HostMode {
    return this.#mode;
  }

  /** Claimed, and every input read to where it ended at the claim. */
  get isReady(): boolean {
    return this.#mode === 'active' && this.#caughtUp;
  }

  /** Inputs that wait for an upgrade of this process. */
  get stoppedInputs(): string[] {
    return (this.#inputs?.feeds ?? []).flatMap(({ topic, stoppedBy }) =>
      stoppedBy ? [`${topic}: ${stoppedBy}`] : [],
    );
  }

  start(): void {
    void this.#takeOver(++this.#generation);
  }

  /** Records of an input from the last `seek` on. */
  add(topic: string, records: readonly StoredRecord[]): void {
    if (this.#mode !== 'active' || this.#draining || this.#inputs === undefined) return;
    try {
      this.#inputs.add(topic, records, this.ports.source);
    } catch (error) {
      this.#halt(error);
      return;
    }
    this.#askForTurn();
  }

  /** Takes no new work, lets effects end for at most `drainMs`, appends what is decided, lets go. */
  async stop(): Promise<void> {
    if (this.#mode === 'stopped') return;
    this.#draining = true;
    if (this.#mode === 'active') {
      await Promise.race([this.effects.settled(), this.#wait(this.spec.limits.drainMs)]);
      await this.#flushed();
    }
    this.#release();
    this.effects.stopAll();
    await this.#handOver();
  }

  /** Results that came too late for the log of this host go to the one that holds the partition now. */
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

  async #takeOver(generation: number): Promise<void> {
    this.#mode = 'claiming';
    try {
      await this.#foldFromStart();
      if (generation !== this.#generation) return;
      const producer = this.ports.broker.producer();
      this.#producer = producer;
      const writer = await this.#claim(producer);
      const { starts, ends } = await this.#inputBounds();
      if (generation !== this.#generation) return await producer.close();
      this.#activate(writer, starts, ends);
    } catch (error) {
      if (generation === this.#generation) this.#claimFailed(error);
    }
  }

  /** A log that was cut past our place is folded again from its start; the tail we folded must still be there. */
  async #foldFromStart(): Promise<void> {
    const { broker, warm } = this.ports;
    const { topic } = this.spec;
    const { start, end } = await broker.bounds(topic, this.partition);
    const { position } = this.own;
    if (position.offset === 0 && warm !== undefined) await warm(this.own);
    if (this.own.position.offset < start) this.own.reset(start);
    if (this.own.position.offset > end)
      throw new DivergedError(
        `${topic}/${this.partition} ends at ${end}, but ${position.offset} was accepted`,
      );
    await this.#compareTail(start);
  }

  async #compareTail(start: number): Promise<void> {
    const { lastHash, position } = this.own;
    const last = position.offset - 1;
    if (lastHash === undefined || last < start) return;
    for await (const [record] of this.ports.broker.read(this.spec.topic, this.partition, last)) {
      const found = record && open(record);
      if (found !== undefined && Buffer.from(found.hash).equals(lastHash)) return;
      throw new DivergedError(
        `${this.spec.topic}/${this.partition} holds another record at ${last} than was accepted`,
      );
    }
  }

  #claim(producer: Producer): Promise<FencedWriter> {
    const { runtime, broker } = this.ports;
    const { topic, host } = this.spec;
    const claimId = `${host}-${Math.floor(runtime.random.next() * 2 ** 48).toString(36)}-${this.#generation}`;
    return claim(
      {
        append: (to, partition, records) => producer.append(to, partition, records),
        read: (from) => broker.read(topic, this.partition, from),
      },
      {
        topic,
        partition: this.partition,
        from: this.own.position,
        claimId,
        host,
        versions: writtenVersions(this.spec),
        now: runtime.clock.now(),
        accepted: (record) => this.own.fold(record),
      },
    );
  }

  async #inputBounds(): Promise<{ starts: Map<string, number>; ends: Map<string, number> }> {
    const starts = new Map<string, number>();
    const ends = new Map<string, number>();
    await Promise.all(
      this.spec.inputs.map(async ({ topic }) => {
        const { start, end } = await this.ports.broker.bounds(topic, this.partition);
        starts.set(topic, start);
        ends.set(topic, end);
      }),
    );
    for (const [topic, { offset }] of Object.entries(this.own.cursor)) {
      const start = starts.get(topic) ?? 0;
      if (offset < start || offset > (ends.get(topic) ?? offset)) {
        throw new DivergedError(
          `${topic}/${this.partition} no longer holds offset ${offset}: it starts at ${start}`,
        );
      }
    }
    return { starts, ends };
  }

  #activate(writer: FencedWriter, starts: Map<string, number>, ends: Map<string, number>): void {
    const now = this.ports.runtime.clock.now();
    this.#mode = 'active';
    this.#failedClaims = 0;
    this.#caughtUp = false;
    this.#writer = writer;
    this.own.position = writer.position;
    this.own.lastHash = undefined;
    this.#ends = ends;
    this.#inputs = new PartitionInputs(this.spec, this.own, starts, now);
    this.#local = this.effects.unrecorded().map((result) => localOf(result));
    this.#building.addProgress(now);
    this.#note('info', 'claimed', { epoch: writer.position.epoch, actors: this.own.store.size });
    this.#flush();
    for (const feed of this.#inputs.feeds) this.ports.source.seek(feed.topic, feed.position.offset);
    this.#tick = this.ports.runtime.scheduler.after(1_000, () => this.#onTick());
    this.#askForTurn();
  }

  #claimFailed(error: unknown): void {
    this.#release();
    if (error instanceof DivergedError || error instanceof CorruptLogError) {
      this.#halt(error, error instanceof DivergedError);
      return;
    }
    const { claimBackoffMs } = this.spec.limits;
    const doubled = claimBackoffMs * 2 ** Math.min(this.#failedClaims++, 5);
    const delay =
      error instanceof UnreadableVersionError ? 5_000 : doubled * (0.5 + this.ports.runtime.random.next());
    this.#note('warn', 'not claimed', { error: String(error), retryInMs: Math.round(delay) });
    this.#again(delay);
  }

  /** H4 */
  #doubt(error: unknown): void {
    if (this.#mode !== 'active') return;
    this.#note('warn', 'in doubt', { error: String(error) });
    this.#release();
    this.#again(this.spec.limits.claimBackoffMs * this.ports.runtime.random.next());
  }

  #again(delayMs: number): void {
    if (this.#draining) return;
    const generation = this.#generation;
    this.ports.runtime.scheduler.after(delayMs, () => {
      if (generation === this.#generation && !this.#draining) this.start();
    });
  }

  #release(): void {
    this.#generation += 1;
    this.#mode = this.#draining ? 'stopped' : 'idle';
    void this.#producer?.close();
    this.#producer = undefined;
    this.#writer = undefined;
    this.#inputs = undefined;
    this.#inFlight = undefined;
    this.#ready = [];
    this.#building = new Batch();
    this.#results.clear();
    this.#local = [];
    this.#starts = [];
    this.#due = new DueQueue();
    this.#dueGate = undefined;
    this.#noting = false;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#tick?.();
    this.#tick = undefined;
    this.#caughtUp = false;
    this.own.store.dropDecided();
    this.#wakeIdle();
  }

  #halt(error: unknown, fatal = false): void {
    this.#draining = true;
    this.#release();
    this.ports.observer.stopped(this.partition, error, fatal);
  }

  #arrived(result: EffectResult): void {
    if (this.#mode === 'active') {
      this.#local.push(localOf(result));
      this.#askForTurn();
    } else if (this.#mode === 'stopped') void this.#handOver();
  }

  #askForTurn(): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    this.ports.runtime.scheduler.soon(() => {
      this.#turnAsked = false;
      try {
        this.#takeTurn();
      } catch (error) {
        this.#halt(error);
      }
    });
  }

  #takeTurn(): void {
    if (this.#mode !== 'active' || this.#inputs === undefined) return;
    let left = TURN_MAX;
    while (left > 0 && this.#ready.length < 2 && this.#decideNext(this.#inputs)) left -= 1;
    if (!this.#draining) {
      this.#inputs.relieve(this.ports.source);
      if (left > 0) this.#checkEnds(this.#inputs);
    }
    this.#flush();
    this.#setAlarm();
    if (left === 0) this.#askForTurn();
  }

  /** Decides on one input; false when there is none, or no room before the append in flight is answered. */
  #decideNext(inputs: PartitionInputs<State>): boolean {
    const local = this.#local[0];
    if (local !== undefined) {
      if (!this.#decide(inputs, local.key, local.input, undefined, local.result)) return false;
      this.#local.shift();
      return true;
    }
    if (this.#draining) return false;
    const next = inputs.next();
    if (next === undefined) return false;
    const { message, broken } = next.fed;
    if (broken !== undefined) return this.#setAside(inputs, next);
    const key = message && this.spec.actor.key(message);
    if (message === undefined || key === undefined) {
      inputs.decided(next, true);
      return true;
    }
    return this.#decide(inputs, key, { kind: 'message', message }, next);
  }

  #decide(
    inputs: PartitionInputs<State>,
    key: string,
    input: Input,
    next?: NextInput,
    result?: EffectResult,
  ): boolean {
    const entry = this.own.store.get(key);
    const message = input.kind === 'message' ? input.message : undefined;
    const context = this.#contextOf(inputs, key, entry?.time ?? 0);
    const recordKey = entry?.recordKey ?? message?.key ?? context.held[0]?.key ?? key;
    const cause = message?.meta.id ?? result?.effectId;
    const outcome = decideOnce(this.spec, { key, input, entry, context, recordKey, cause });
    if ('refused' in outcome) {
      this.#refuse(outcome.refused, key, next);
      if (next !== undefined) inputs.decided(next, true);
      if (result !== undefined) this.effects.recorded(result);
      return true;
    }
    const { decision, decided } = outcome;
    if (!this.#building.hasRoomFor(decided.drafts)) {
      this.#close(inputs);
      if (this.#ready.length > 1) return false;
    }
    this.#building.add(decided);
    if (decided.events.length > 0) this.own.store.decide(key, decided.entry);
    for (const held of decision.release ?? []) inputs.release(key, held);
    if (next !== undefined) this.#settle(inputs, next, key, decision.hold === true);
    if (decision.quarantine !== undefined) this.#refuse(decision.quarantine, key, next);
    if (result !== undefined) this.#track(result, decided.events.length > 0);
    for (const id of decision.stop ?? []) this.effects.stop(id);
    for (const effect of decision.start ?? []) this.#startEffect(key, effect);
    this.#schedule(inputs, key);
    return true;
  }

  #settle(inputs: PartitionInputs<State>, next: NextInput, key: string, hold: boolean): void {
    const { fed, unit } = next;
    if (hold && fed.message !== undefined) {
      const since = this.ports.runtime.clock.now();
      inputs.held.hold({
        key,
        message: fed.message,
        record: fed.record,
        start: unit.start,
        since,
        logged: false,
      });
    }
    inputs.decided(next, !hold);
  }

  #track(result: EffectResult, recordedByAppend: boolean): void {
    if (!recordedByAppend) {
      this.effects.recorded(result);
      return;
    }
    const results = this.#results.get(this.#building);
    if (results === undefined) this.#results.set(this.#building, [result]);
    else results.push(result);
  }

  /** A message that breaks its contract: quarantined, and its actor is told. */
  #setAside(inputs: PartitionInputs<State>, next: NextInput): boolean {
    const { record, broken } = next.fed;
    if (broken === undefined) return true;
    const { topic } = next.feed;
    this.#quarantine({ topic, record, code: broken.code, message: broken.problem });
    inputs.decided(next, true);
    const key = broken.meta?.run;
    if (broken.meta !== undefined && key !== undefined) {
      const { meta, problem, wire } = broken;
      this.#local.push({ key, input: { kind: 'poison', topic, type: wire, meta, problem } });
    }
    return true;
  }

  #refuse(cause: { code: string; message: string }, key: string, next: NextInput | undefined): void {
    if (next !== undefined) this.#quarantine({ topic: next.feed.topic, record: next.fed.record, ...cause });
    this.#note('error', 'an input cannot be handled', { key, ...cause });
  }

  #quarantine(quarantined: { topic: string; record: StoredRecord; code: string; message: string }): void {
    this.#building.quarantined.push(quarantined);
  }

  #contextOf(inputs: PartitionInputs<State>, key: string, lastTime: number): Context {
    return {
      now: Math.max(this.ports.runtime.clock.now(), lastTime),
      held: inputs.held.of(key),
      caughtUp: this.#caughtUp,
      isRunning: (id) => this.effects.isRunning(id),
    };
  }

  #schedule(inputs: PartitionInputs<State>, key: string): void {
    const { due } = this.spec.actor;
    if (due === undefined) return;
    const context = { held: inputs.held.of(key), isRunning: (id: string) => this.effects.isRunning(id) };
    this.#due.set(key, this.spec.actor.due?.(this.own.store.get(key)?.state, context));
  }

  /** H1, H2 */
  #checkEnds(inputs: PartitionInputs<State>): void {
    if (!this.#caughtUp && inputs.hasDecided(this.#ends)) this.#nowCaughtUp(inputs);
    if (this.#dueGate !== undefined && inputs.hasDecided(this.#dueGate.ends)) {
      const { at } = this.#dueGate;
      this.#dueGate = undefined;
      for (const key of this.#due.take(at)) this.#local.push({ key, input: { kind: 'due' } });
      if (this.#local.length > 0) this.#askForTurn();
    }
  }

  #nowCaughtUp(inputs: PartitionInputs<State>): void {
    this.#caughtUp = true;
    const keys = new Set([...this.own.store.keys(), ...inputs.held.keys()]);
    for (const key of keys) this.#local.push({ key, input: { kind: 'recovered' } });
    const starts = this.#starts;
    this.#starts = [];
    for (const { key, effect } of starts) this.effects.start(key, effect);
    this.#note('debug', 'inputs read', { recovered: keys.size });
    this.#askForTurn();
  }

  #startEffect(key: string, effect: Effect): void {
    if (this.#caughtUp) this.effects.start(key, effect);
    else this.#starts.push({ key, effect });
  }

  #setAlarm(): void {
    if (!this.#caughtUp || this.#draining || this.#dueGate !== undefined || this.#noting) return;
    const at = this.#due.next();
    if (at === this.#alarm?.at) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (at === undefined) return;
    const delay = Math.max(0, at - this.ports.runtime.clock.now());
    const cancel = this.ports.runtime.scheduler.after(
      Math.min(delay, 2 ** 31 - 1),
      () => void this.#onAlarm(),
    );
    this.#alarm = { at, cancel };
  }

  async #onAlarm(): Promise<void> {
    const generation = this.#generation;
    this.#alarm = undefined;
    this.#noting = true;
    const at = this.ports.runtime.clock.now();
    try {
      const { ends } = await this.#inputBounds();
      if (generation !== this.#generation) return;
      this.#dueGate = { at, ends };
    } catch (error) {
      if (generation === this.#generation) this.#doubt(error);
      return;
    } finally {
      if (generation === this.#generation) this.#noting = false;
    }
    this.#askForTurn();
  }

  /** Once a second: inputs held for long go into the log, and positions that moved. */
  #onTick(): void {
    const { runtime } = this.ports;
    const { holdMs, progressMs } = this.spec.limits;
    this.#tick = runtime.scheduler.after(1_000, () => this.#onTick());
    if (this.#inputs === undefined || !this.#caughtUp || this.#ready.length > 0) return;
    const now = runtime.clock.now();
    for (const held of this.#inputs.held.unloggedSince(now - holdMs).slice(0, 100)) {
      this.#building.addHeld(held, now);
      this.#inputs.held.markLogged(held);
    }
    const moved = !sameOffsets(this.#inputs.cursor(), this.own.cursor);
    if (
      this.#building.isEmpty &&
      this.#inFlight === undefined &&
      moved &&
      now - this.#lastAppendAt >= progressMs
    ) {
      this.#building.addProgress(now);
    }
    this.#flush();
  }

  #close(inputs: PartitionInputs<State>): void {
    const batch = this.#building;
    if (batch.isEmpty) return;
    if (batch.drafts.length === 0) batch.addProgress(this.ports.runtime.clock.now());
    batch.cursor = inputs.cursor();
    batch.released = inputs.takeReleased(batch.cursor);
    this.#building = new Batch();
    this.#ready.push(batch);
  }

  /** H3 */
  #flush(): void {
    if (this.#inFlight !== undefined || this.#inputs === undefined || this.#writer === undefined) return;
    if (this.#ready.length === 0) this.#close(this.#inputs);
    const batch = this.#ready.shift();
    if (batch === undefined) {
      this.#wakeIdle();
      return;
    }
    this.#inFlight = batch;
    void this.#append(this.#writer, batch, this.#generation);
  }

  async #append(writer: FencedWriter, batch: Batch<State>, generation: number): Promise<void> {
    try {
      const { hashes, position } = await writer.append(
        batch.drafts,
        batch.cursor,
        batch.released,
        this.spec.numbered ? this.#links(batch) : undefined,
      );
      if (generation !== this.#generation) return;
      this.own.position = position;
      this.own.lastHash = hashes.at(-1);
      this.#accepted(batch, hashes);
    } catch (error) {
      if (generation === this.#generation) this.#doubt(error);
    }
  }

  /** The hash each event of a numbered actor follows: the one before it in this append, else the last accepted. */
  #links(batch: Batch<State>) {
    const last = new Map<string, Uint8Array>();
    return ({ meta }: { meta: { run?: string } }, place: number, hashes: readonly Uint8Array[]) => {
      const before = batch.drafts[place - 1]?.meta.run;
      const hash = hashes[place - 1];
      if (before !== undefined && hash !== undefined) last.set(before, hash);
      return meta.run === undefined ? undefined : (last.get(meta.run) ?? this.own.store.link(meta.run));
    };
  }

  #accepted(batch: Batch<State>, hashes: readonly Uint8Array[]): void {
    const { store } = this.own;
    this.#inFlight = undefined;
    this.#lastAppendAt = this.ports.runtime.clock.now();
    if (this.spec.numbered) {
      batch.drafts.forEach(({ meta }, place) => {
        const hash = hashes[place];
        if (meta.run !== undefined && hash !== undefined) store.setLink(meta.run, hash);
      });
    }
    store.accept(batch.changes);
    for (const { message, record } of batch.logged) this.own.holdsNow({ topic: message.topic, record });
    this.own.passTo(batch.cursor, batch.released);
    for (const result of this.#results.get(batch) ?? []) this.effects.recorded(result);
    this.#results.delete(batch);
    const { effects } = this.spec.actor;
    if (effects !== undefined) this.#startAccepted(batch);
    if (batch.quarantined.length > 0) this.ports.consequences.quarantine(this.partition, batch);
    this.ports.consequences.accepted?.(this.partition, this.own, batch);
    this.#askForTurn();
    this.#flush();
  }

  #startAccepted(batch: Batch<State>): void {
    for (const { key, event } of batch.events) {
      const state = this.own.store.accepted(key)?.state;
      for (const effect of this.spec.actor.effects?.(event, state) ?? []) this.#startEffect(key, effect);
    }
  }

  #flushed(): Promise<void> {
    if (
      this.#mode !== 'active' ||
      (this.#inFlight === undefined && this.#building.isEmpty && this.#local.length === 0)
    ) {
      return Promise.resolve();
    }
    return Promise.race([
      new Promise<void>((resolve) => this.#idleWaiters.push(resolve)),
      this.#wait(this.spec.limits.drainMs),
    ]);
  }

  #wakeIdle(): void {
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.ports.runtime.scheduler.after(ms, resolve));
  }

  #note(level: 'debug' | 'info' | 'warn' | 'error', what: string, facts: Record<string, unknown>): void {
    this.ports.observer.note(level, what, { topic: this.spec.topic, partition: this.partition, ...facts });
  }
}

const localOf = (result: EffectResult): LocalInput => ({
  key: result.key,
  input: { kind: 'result', effectId: result.effectId, result: result.result },
  result,
});

const sameOffsets = (a: Cursor, b: Cursor): boolean =>
  Object.entries(a).every(([topic, { offset }]) => b[topic]?.offset === offset);
