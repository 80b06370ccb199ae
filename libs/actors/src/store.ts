import { GENESIS } from '@interlock/log';
import type { Kin } from './actor.js';

/** An actor as its log has it. */
export interface ActorEntry<State> {
  readonly state: State | undefined;
  /** Seq of its last event; 0 in logs that do not number. */
  readonly seq: number;
  /** Time of its last event, UTC ms. */
  readonly time: number;
  /** Record key of its events: the root run. */
  readonly recordKey: string;
  /** The trace its first message came in: everything it says belongs to it. */
  readonly traceparent?: string;
}

export type Changes<State> = Map<string, ActorEntry<State>>;

/** The actors of a partition: what the log has accepted, and over it what was decided since. */
export class ActorStore<State> {
  readonly #accepted = new Map<string, ActorEntry<State>>();
  readonly #decided = new Map<string, ActorEntry<State>>();
  readonly #links = new Map<string, Uint8Array>();
  /** Keys of actors by the key of their records, where that is another one's. */
  readonly #kin = new Map<string, Set<string>>();

  /** As decided so far. */
  get(key: string): ActorEntry<State> | undefined {
    return this.#decided.get(key) ?? this.#accepted.get(key);
  }

  accepted(key: string): ActorEntry<State> | undefined {
    return this.#accepted.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#accepted.keys();
  }

  get size(): number {
    return this.#accepted.size;
  }

  /** The other actors whose records have this key, as decided so far. */
  kinOf(key: string, recordKey: string): readonly Kin<State>[] {
    return [recordKey, ...(this.#kin.get(recordKey) ?? [])].flatMap((other) => {
      const state = other === key ? undefined : this.get(other)?.state;
      return state === undefined ? [] : [{ key: other, state }];
    });
  }

  decide(key: string, entry: ActorEntry<State>): void {
    this.#decided.set(key, entry);
    this.#join(key, entry.recordKey);
  }

  /** The decisions in `changes` are in the log now. */
  accept(changes: Changes<State>): void {
    for (const [key, entry] of changes) {
      this.put(key, entry);
      if (this.#decided.get(key) === entry) this.#decided.delete(key);
    }
  }

  /** What the log says; an actor that its own events have ended is forgotten, unless its number must go on. */
  put(key: string, entry: ActorEntry<State>): void {
    if (entry.state === undefined && entry.seq === 0) {
      this.#accepted.delete(key);
      this.#leave(key, entry.recordKey);
      return;
    }
    this.#accepted.set(key, entry);
    this.#join(key, entry.recordKey);
  }

  #join(key: string, recordKey: string): void {
    if (key === recordKey) return;
    const kin = this.#kin.get(recordKey);
    if (kin === undefined) this.#kin.set(recordKey, new Set([key]));
    else kin.add(key);
  }

  #leave(key: string, recordKey: string): void {
    const kin = this.#kin.get(recordKey);
    if (kin?.delete(key) === true && kin.size === 0) this.#kin.delete(recordKey);
  }

  /** Forgets everything that no accepted append holds. */
  dropDecided(): void {
    this.#decided.clear();
  }

  clear(): void {
    this.#accepted.clear();
    this.#decided.clear();
    this.#links.clear();
    this.#kin.clear();
  }

  /** Hash of the actor's last accepted event. */
  link(key: string): Uint8Array {
    return this.#links.get(key) ?? GENESIS;
  }

  setLink(key: string, hash: Uint8Array): void {
    this.#links.set(key, hash);
  }
}
