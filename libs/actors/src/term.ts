/**
 * A host's hold on one partition, from an accepted claim to the first doubt: what was decided but not accepted ends with it.
 *
 * T1. Effects and timers wait until every input was read to its end as noted at the claim.
 * T2. An input is decided once, in order; what it needs to be dealt with is kept, or named by the append that deals with it.
 */
import { AppendTooLargeError, type Broker, type StoredRecord } from '@interlock/broker';
import type { Message } from '@interlock/contracts';
import type { Cursor } from '@interlock/log';
import { type Acquired, inputBounds } from './acquire.js';
import type { Context, Decision, Input, TopicMessage } from './actor.js';
import { AppendQueue } from './append-queue.js';
import type { Batch, Decided } from './batch.js';
import { type Deciding, decideOnce, type Outcome } from './decider.js';
import { admittedRecord, recordAlone } from './deferred.record.js';
import { DueAlarm } from './due-alarm.js';
import { EffectStarts } from './effect-starts.js';
import { type Fault, faultOf } from './fault.js';
import type { HostObserver, HostSpec } from './host.spec.js';
import type { Broken } from './input-feed.js';
import { type LocalInput, LocalInputs } from './local-inputs.js';
import type { OwnLog } from './own-log.js';
import { type NextInput, PartitionInputs, type PausableSource } from './partition-inputs.js';
import type { EffectResult, RunningEffects } from './running-effects.js';
import type { Cancel, Runtime } from './runtime.js';

/** Most inputs decided in one turn, and how long one may take: then everybody else in the process gets theirs. */
const TURN_MAX = 500;
const TURN_MS = 25;
const TICK_MS = 1_000;
/** An actor that could not decide on a timer or a result is asked again after this time, ms. */
const RETRY_MS = 30_000;
const DEFERRED_LOGGED_AT_ONCE_MAX = 100;

export interface TermPorts<State> {
  readonly broker: Broker;
  readonly source: PausableSource;
  readonly runtime: Runtime;
  readonly note: HostObserver['note'];
  readonly accepted: (batch: Batch<State>) => void;
  /** The log is in doubt: claim again. */
  readonly doubt: (error: unknown) => void;
  /** The partition cannot go on. */
  readonly halt: (error: unknown) => void;
}

export class Term<State> {
  readonly inputs: PartitionInputs<State>;
  readonly #spec: HostSpec<State>;
  readonly #queue: AppendQueue<State>;
  readonly #alarm: DueAlarm<State>;
  readonly #ends: ReadonlyMap<string, number>;
  #caughtUp = false;
  #draining = false;
  #over = false;
  #turnAsked = false;
  #tick: Cancel;
  readonly #local = new LocalInputs();
  readonly #starts: EffectStarts<State>;

  constructor(
    readonly own: OwnLog<State>,
    readonly effects: RunningEffects,
    { writer, starts, ends }: Acquired,
    readonly ports: TermPorts<State>,
  ) {
    const { runtime, broker } = ports;
    this.#spec = own.spec;
    this.#ends = ends;
    this.inputs = new PartitionInputs(own.spec, own, starts, runtime.clock.now(), () => this.askForTurn());
    this.#queue = new AppendQueue(own, writer, this.inputs, {
      now: () => runtime.clock.now(),
      accepted: (batch) => this.#accepted(batch),
      // Nothing was written, and a new claim would end the same way.
      failed: (error) => this.#end(error instanceof AppendTooLargeError ? ports.halt : ports.doubt, error),
    });
    this.#alarm = new DueAlarm(
      runtime,
      async () => (await inputBounds(own, broker)).ends,
      () => this.askForTurn(),
      (error) => this.#end(ports.doubt, error),
    );
    this.#starts = new EffectStarts(own, effects, ports.note);
    for (const result of effects.unrecorded()) this.#local.addResult(result);
    this.#queue.addProgress();
    this.#queue.flush();
    this.#tick = runtime.scheduler.after(TICK_MS, () => this.#onTick());
    this.askForTurn();
  }

  get isCaughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Everything taken in has been decided and appended. */
  get isIdle(): boolean {
    return this.#local.isEmpty && this.#queue.isIdle;
  }

  /** Records of an input. */
  add(topic: string, records: readonly StoredRecord[]): void {
    if (this.#draining || this.#over) return;
    try {
      this.inputs.add(topic, records, this.ports.source);
    } catch (error) {
      this.#end(this.ports.halt, error);
      return;
    }
    this.askForTurn();
  }

  addResult(result: EffectResult): void {
    this.#local.addResult(result);
    this.askForTurn();
  }

  /**
   * Something besides the inputs has changed. Actors that have deferred inputs are asked at once, as they may go on; the due times of the
   * others are computed again.
   */
  wake(): void {
    if (this.#draining || this.#over) return;
    const deferred = new Set(this.inputs.deferred.keys());
    const now = this.ports.runtime.clock.now();
    for (const key of deferred) this.#alarm.set(key, now);
    for (const key of this.own.store.keys())
      if (!deferred.has(key) && !this.#isOver(key)) this.#schedule(key);
    this.askForTurn();
  }

  /** Takes no new input. */
  drain(): void {
    this.#draining = true;
    this.#alarm.stop();
  }

  /** Resolves when everything decided so far is accepted. */
  async flushed(): Promise<void> {
    this.#takeTurn();
    await this.#queue.flushed();
  }

  stop(): void {
    this.#over = true;
    this.inputs.stop();
    this.#queue.stop();
    this.#tick();
    this.#alarm.stop();
    this.own.store.dropDecided();
  }

  askForTurn(): void {
    this.#ask((turn) => this.ports.runtime.scheduler.soon(turn));
  }

  #ask(when: (turn: () => void) => void): void {
    if (this.#turnAsked || this.#over) return;
    this.#turnAsked = true;
    when(() => {
      this.#turnAsked = false;
      this.#takeTurn();
    });
  }

  #end(how: (error: unknown) => void, error: unknown): void {
    if (this.#over) return;
    this.stop();
    how(error);
  }

  #takeTurn(): void {
    if (this.#over) return;
    const { clock, scheduler } = this.ports.runtime;
    const until = clock.now() + TURN_MS;
    let left = TURN_MAX;
    while (left > 0 && !this.#queue.isFull && this.#decideNext()) left = clock.now() < until ? left - 1 : 0;
    if (!this.#draining) this.inputs.relieve(this.ports.source);
    if (!this.#draining && left > 0) this.#checkEnds();
    this.#queue.flush();
    if (this.#caughtUp && !this.#draining) this.#alarm.arm();
    if (left === 0) this.#ask((turn) => void scheduler.after(0, turn));
  }

  /** Decides on one input; false when there is none, or no room before the log has answered. */
  #decideNext(): boolean {
    const local = this.#local.first();
    if (local !== undefined) {
      if (!this.#decideLocal(local)) return false;
      this.#local.take();
      return true;
    }
    const next = this.#draining ? undefined : this.inputs.next();
    return next !== undefined && this.#decideNextMessage(next);
  }

  #decideLocal({ key, input, result }: LocalInput): boolean {
    const sender = result && this.own.store.get(result.from);
    const deciding = this.#decidingOf(key, input, sender?.recordKey, result?.effectId);
    const tried = this.#try(key, { ...deciding, traceparent: sender?.traceparent });
    if (tried === 'full') return false;
    const isRecorded = 'decided' in tried && tried.decided.events.length > 0;
    if (result !== undefined && isRecorded) this.#queue.addResult(result);
    else if (result !== undefined) this.effects.recorded(result);
    if (faultIn(tried) !== undefined) this.#schedule(key, this.ports.runtime.clock.now() + RETRY_MS);
    return true;
  }

  #decideNextMessage(next: NextInput): boolean {
    const { message, broken } = next.fed;
    if (broken !== undefined) return this.#setAside(next, broken);
    const key = message && this.#keyOf(message, next);
    if (message === undefined || key === undefined) {
      this.inputs.decided(next, true);
      return true;
    }
    const deciding = this.#decidingOf(key, { kind: 'message', message }, message.key, message.meta.id);
    const tried = this.#try(key, deciding);
    if (tried === 'full') return false;
    const decision = 'decision' in tried ? tried.decision : undefined;
    const cause = faultIn(tried) ?? decision?.quarantine;
    if (decision?.defer === true) this.#defer(key, next);
    if (cause !== undefined) this.#quarantine(next, cause);
    this.inputs.decided(next, decision?.defer !== true);
    // What it has decided by itself was followed by this already.
    if (decision === undefined || decision.defer === true) this.#schedule(key);
    return true;
  }

  /** Lets the actor decide into the batch that is being built; `full`: when the log has answered, again. */
  #try(key: string, deciding: Deciding<State>): Outcome<State> | 'full' {
    const outcome = decideOnce(this.#spec, deciding);
    if ('refused' in outcome) {
      this.ports.note('error', 'an input cannot be handled', { key, ...outcome.refused });
      return outcome;
    }
    const batch = this.#queue.roomFor(outcome.decided);
    if (batch === undefined) return 'full';
    batch.add(outcome.decided);
    if (outcome.fault !== undefined) {
      const { kind } = deciding.input;
      this.ports.note('error', 'a decision broke', { key, input: kind, ...outcome.fault });
    }
    this.#follow(key, outcome.decided, outcome.decision);
    return outcome;
  }

  /** What a decision asks for besides its events. */
  #follow(key: string, { events, entry }: Decided<State>, decision: Omit<Decision, 'folded'>): void {
    if (events.length > 0) this.own.store.decide(key, entry);
    for (const deferred of decision.release ?? []) this.inputs.release(key, deferred);
    for (const id of decision.stop ?? []) this.effects.stop(id);
    for (const effect of decision.start ?? []) {
      if (effect.to === undefined || this.#queue.isIdle) this.#starts.start(key, effect);
      else this.#queue.building.starts.push({ key, effect });
    }
    this.#schedule(key);
  }

  #defer(key: string, { feed, fed, unit }: NextInput): void {
    if (fed.message === undefined) return;
    const record = feed.isAdmitted
      ? admittedRecord(fed.record, feed.newestWire(fed.message.type), fed.message)
      : recordAlone(fed.record, fed.message);
    const since = this.ports.runtime.clock.now();
    this.inputs.deferred.defer({
      key,
      message: fed.message,
      record,
      start: unit.start,
      since,
      logged: false,
    });
  }

  /** A message that breaks its contract: its actor is told in the append that passes it, and it is quarantined. */
  #setAside(next: NextInput, broken: Broken): boolean {
    const { meta, problem, wire, code } = broken;
    if (meta?.run !== undefined) {
      const input: Input = { kind: 'poison', topic: next.feed.topic, type: wire, meta, problem };
      const tried = this.#try(meta.run, this.#decidingOf(meta.run, input, undefined, meta.id));
      if (tried === 'full') return false;
    }
    this.#quarantine(next, { code, message: problem });
    this.inputs.decided(next, true);
    return true;
  }

  /** The key of the actor that the message is for; if it cannot be determined, the message is quarantined. */
  #keyOf(message: TopicMessage, next: NextInput): string | undefined {
    try {
      return this.#spec.actor.key(message);
    } catch (error) {
      this.#quarantine(next, faultOf(error));
      return undefined;
    }
  }

  #quarantine({ feed, fed }: NextInput, cause: { readonly code: string; readonly message: string }): void {
    this.#queue.building.quarantined.push({
      topic: feed.topic,
      record: fed.record,
      part: fed.part,
      ...cause,
    });
  }

  #decidingOf(
    key: string,
    input: Input,
    messageKey: string | undefined,
    cause: string | undefined,
  ): Deciding<State> {
    const entry = this.own.store.get(key);
    const context = this.#contextOf(key, entry?.time ?? 0, entry?.recordKey);
    const recordKey = entry?.recordKey ?? messageKey ?? context.deferred[0]?.key ?? key;
    return { key, input, entry, context, recordKey, cause };
  }

  #contextOf(key: string, lastTime: number, recordKey = key): Context<Message, State> {
    return {
      now: Math.max(this.ports.runtime.clock.now(), lastTime),
      deferred: this.inputs.deferred.of(key),
      caughtUp: this.#caughtUp,
      isRunning: (id) => this.effects.isRunning(id),
      kin: () => this.own.store.kinOf(key, recordKey),
    };
  }

  /** An actor that cannot say when it is due is asked again after a while: a timer is decided on like any other input. */
  #schedule(key: string, notBefore = 0): void {
    const { actor } = this.#spec;
    if (actor.due === undefined) return;
    let due: number | undefined;
    try {
      due = actor.due(this.own.store.get(key)?.state, this.#contextOf(key, 0));
      // NaN would be asked for at once, again and again.
      if (due !== undefined && (typeof due !== 'number' || Number.isNaN(due)))
        throw new RangeError(`the due time is not an instant (${typeof due})`);
    } catch (error) {
      this.ports.note('error', 'an actor cannot say when it is due', { key, ...faultOf(error) });
      due = this.ports.runtime.clock.now() + RETRY_MS;
    }
    this.#alarm.set(key, due === undefined ? undefined : Math.max(due, notBefore));
  }

  /** An effect of this actor runs no more. While it ran, the actor was not due to start it again; a retry may be due now. */
  effectOver(key: string): void {
    if (this.#over) return;
    this.#schedule(key);
    this.askForTurn();
  }

  /** T1 */
  #checkEnds(): void {
    if (!this.#caughtUp && this.inputs.hasDecided(this.#ends)) this.#nowCaughtUp();
    for (const key of this.#alarm.take(this.inputs)) this.#local.add(key, { kind: 'due' });
    // With a full queue the answer of the log triggers the next try; a try here would keep the process from ever getting that answer.
    if (!this.#local.isEmpty && !this.#queue.isFull) this.askForTurn();
  }

  #nowCaughtUp(): void {
    this.#caughtUp = true;
    const keys = new Set([...this.own.store.keys(), ...this.inputs.deferred.keys()]);
    for (const key of keys) if (!this.#isOver(key)) this.#local.add(key, { kind: 'recovered' });
    this.#starts.letGo();
    this.ports.note('debug', 'inputs read', { recovered: keys.size });
  }

  #isOver(key: string): boolean {
    const state = this.own.store.get(key)?.state;
    return state !== undefined && this.#spec.actor.isOver?.(state) === true;
  }

  /** Once a second: inputs deferred for long go into the log, and positions that moved. */
  #onTick(): void {
    const { runtime } = this.ports;
    const { deferMs, progressMs } = this.#spec.limits;
    this.#tick = runtime.scheduler.after(TICK_MS, () => this.#onTick());
    if (!this.#caughtUp || this.#queue.isFull) return;
    const now = runtime.clock.now();
    for (const deferred of this.inputs.deferred
      .unloggedSince(now - deferMs)
      .slice(0, DEFERRED_LOGGED_AT_ONCE_MAX)) {
      if (this.#queue.addDeferred(deferred)) this.inputs.deferred.markLogged(deferred);
    }
    const resting = this.#queue.isIdle && now - this.#queue.lastAppendAt >= progressMs;
    if (resting && !sameOffsets(this.inputs.cursor(), this.own.cursor)) this.#queue.addProgress();
    this.#queue.flush();
  }

  #accepted(batch: Batch<State>): void {
    if (this.#over) return;
    for (const result of batch.results) this.effects.recorded(result);
    this.#starts.accepted(batch);
    this.ports.accepted(batch);
    this.askForTurn();
  }
}

/** What became of an input that its actor could not decide on. */
function faultIn<State>(outcome: Outcome<State>): Fault | undefined {
  return 'refused' in outcome ? outcome.refused : outcome.fault;
}

const sameOffsets = (a: Cursor, b: Cursor): boolean =>
  Object.entries(a).every(([topic, { offset }]) => b[topic]?.offset === offset);
