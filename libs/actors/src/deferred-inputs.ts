import type { StoredRecord } from '@interlock/broker';
import { type Position, placeKey } from '@interlock/log';
import type { TopicMessage } from './actor.js';

/** An input that its actor has kept. */
export interface DeferredInput {
  readonly key: string;
  readonly message: TopicMessage;
  /** The record of this message alone. */
  readonly record: StoredRecord;
  /** Position in front of the append it came in: the cursor stays here until it is logged or released. */
  readonly start: Position;
  /** UTC ms */
  readonly since: number;
  /** The own log holds it, so the cursor may pass it. */
  readonly logged: boolean;
}

/** Inputs taken but not dealt with, by actor and by place. Oldest first everywhere. */
export class DeferredInputs {
  readonly #byActor = new Map<string, Map<TopicMessage, DeferredInput>>();
  /** Per topic, by place, those that hold the cursor. Offsets rise, so the first is the oldest. */
  readonly #unlogged = new Map<string, Map<string, DeferredInput>>();

  of(key: string): readonly TopicMessage[] {
    const deferred = this.#byActor.get(key);
    return deferred === undefined ? none : [...deferred.keys()];
  }

  keys(): IterableIterator<string> {
    return this.#byActor.keys();
  }

  defer(input: DeferredInput): void {
    const { key, message } = input;
    let deferred = this.#byActor.get(key);
    if (deferred === undefined) {
      deferred = new Map();
      this.#byActor.set(key, deferred);
    }
    deferred.set(message, input);
    if (!input.logged) this.#unloggedOf(message.topic).set(placeKey(message), input);
  }

  /** Returns the deferred input, so that the caller knows whether the own log holds it. */
  release(key: string, message: TopicMessage): DeferredInput | undefined {
    const deferred = this.#byActor.get(key);
    const input = deferred?.get(message);
    if (deferred === undefined || input === undefined) return undefined;
    deferred.delete(message);
    if (deferred.size === 0) this.#byActor.delete(key);
    this.#unlogged.get(message.topic)?.delete(placeKey(message));
    return input;
  }

  /** The own log is about to hold it. */
  markLogged(input: DeferredInput): void {
    this.#unlogged.get(input.message.topic)?.delete(placeKey(input.message));
    this.#byActor.get(input.key)?.set(input.message, { ...input, logged: true });
  }

  /** Where the cursor of `topic` has to stay. */
  oldestStart(topic: string): Position | undefined {
    const first = this.#unlogged.get(topic)?.values().next();
    return first === undefined || first.done ? undefined : first.value.start;
  }

  /** Those that hold the cursor since `before` or longer. */
  unloggedSince(before: number): DeferredInput[] {
    const found: DeferredInput[] = [];
    for (const deferred of this.#unlogged.values()) {
      for (const input of deferred.values()) {
        if (input.since > before) break;
        found.push(input);
      }
    }
    return found;
  }

  #unloggedOf(topic: string): Map<string, DeferredInput> {
    let deferred = this.#unlogged.get(topic);
    if (deferred === undefined) {
      deferred = new Map();
      this.#unlogged.set(topic, deferred);
    }
    return deferred;
  }
}

const none: readonly TopicMessage[] = [];
