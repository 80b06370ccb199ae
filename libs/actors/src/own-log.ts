import type { StoredRecord } from '@interlock/broker';
import { InputDeferred } from '@interlock/contracts';
import {
  type Accepted,
  type Cursor,
  isClaim,
  type MessagePlace,
  type Position,
  partsOf,
  placeKey,
  type Released,
  startingAt,
  UnreadableVersionError,
} from '@interlock/log';
import type { Batch } from './batch.js';
import type { HostSpec } from './host.spec.js';
import { RetentionFloor } from './retention-floor.js';
import { ActorStore } from './store.js';

/** An input the own log holds, as its `input.deferred` says. */
export interface LoggedInput {
  readonly topic: string;
  /** Which part of its record it was, from 0. */
  readonly part: number;
  /** The record of this message alone, with the offset of the one it came in. */
  readonly record: StoredRecord;
}

/**
 * The fold of the own log: the actors, and how far each input has been dealt with.
 *
 * An input is dealt with when the cursor has passed it and the log does not hold it, or when an append has released it.
 */
export class OwnLog<State> {
  readonly store = new ActorStore<State>();
  position: Position = startingAt(0);
  cursor: Cursor = {};
  /** Hash of the last accepted record; what the log must still hold there. */
  lastHash: Uint8Array | undefined;
  readonly deferred = new Map<string, LoggedInput>();
  /** By topic and `placeKey`. */
  readonly #released = new Map<string, Map<string, MessagePlace>>();
  readonly #folded = new Set<string>();
  /** Only for logs that are trimmed; numbered logs are kept for ever. */
  readonly needs = new RetentionFloor();

  constructor(
    readonly spec: HostSpec<State>,
    readonly partition: number,
  ) {}

  /** Starts again from nothing, at `offset`: what came before was cut away. */
  reset(offset: number): void {
    this.store.clear();
    this.#folded.clear();
    this.deferred.clear();
    this.#released.clear();
    this.needs.clear();
    this.cursor = {};
    this.lastHash = undefined;
    this.position = startingAt(offset);
  }

  /** Goes on from a cached place instead of the start. */
  restore(position: Position, lastHash: Uint8Array, cursor: Cursor, released: readonly Released[]): void {
    this.position = position;
    this.lastHash = lastHash;
    this.cursor = cursor;
    for (const one of released) this.#releasedIn(one.topic).set(placeKey(one), one);
  }

  /** Actors of a numbered log that `fold` has changed since the last call: no batch of this host names them. */
  takeFolded(): string[] {
    const folded = [...this.#folded];
    this.#folded.clear();
    return folded;
  }

  /** Messages of `topic`, by `placeKey`, that are dealt with although the cursor has not passed them. */
  releasedOf(topic: string): ReadonlyMap<string, MessagePlace> {
    return this.#released.get(topic) ?? new Map();
  }

  /** @throws {UnreadableVersionError} a newer release wrote here: leave the partition to it */
  fold(record: Accepted): void {
    const { wires, meta, offset } = record;
    if (isClaim(record)) {
      this.#checkVersions(record);
      this.position = { offset: offset + 1, epoch: offset, index: 0 };
    } else {
      if (wires[0] === InputDeferred.wire) this.#defer(record);
      else if (meta.run !== undefined) this.#evolve(record, meta.run);
      this.position = { offset: offset + 1, epoch: meta.epoch, index: meta.index };
    }
    this.lastHash = record.hash;
    if (meta.cursor !== undefined) this.passTo(meta.cursor, meta.released ?? [], offset);
  }

  /** An append of ours is accepted: what it decided is the state now. */
  accept(batch: Batch<State>, position: Position, hashes: readonly Uint8Array[]): void {
    this.position = position;
    this.lastHash = hashes.at(-1);
    if (this.spec.numbered) {
      batch.drafts.forEach(({ meta }, place) => {
        const hash = hashes[place];
        if (meta.run !== undefined && hash !== undefined) this.store.setLink(meta.run, hash);
      });
    }
    this.store.accept(batch.changes);
    const first = position.offset - batch.drafts.length;
    for (const [key, { state }] of batch.changes) this.#needs(key, first, state !== undefined);
    for (const { message, record } of batch.logged)
      this.defersNow({ topic: message.topic, part: message.part, record }, first);
    this.passTo(batch.cursor, batch.released, position.offset - 1);
  }

  /** An append whose last record lies at `at` is accepted with this cursor. */
  passTo(cursor: Cursor, released: readonly Released[], at: number): void {
    this.cursor = { ...this.cursor, ...cursor };
    this.needs.confirmed(this.position.epoch);
    for (const one of released) {
      const place = inTopic(one.topic, one);
      this.deferred.delete(place);
      this.#releasedIn(one.topic).set(placeKey(one), one);
      this.needs.released(place, at);
    }
    for (const [topic, places] of this.#released) this.#forgetPassed(topic, places);
  }

  /** The own log holds `input` now, in a record at `at` or behind it. */
  defersNow(input: LoggedInput, at = 0): void {
    const place = inTopic(input.topic, { offset: input.record.offset, part: input.part });
    this.deferred.set(place, input);
    this.needs.deferred(place, at);
  }

  #forgetPassed(topic: string, places: Map<string, MessagePlace>): void {
    const passed = this.cursor[topic]?.offset ?? 0;
    for (const [key, place] of places) {
      if (place.offset >= passed) continue;
      places.delete(key);
      this.needs.passed(inTopic(topic, place));
    }
  }

  #needs(key: string, offset: number, lives: boolean): void {
    if (!this.spec.numbered) this.needs.actor(key, offset, lives);
  }

  #releasedIn(topic: string): Map<string, MessagePlace> {
    let places = this.#released.get(topic);
    if (places === undefined) {
      places = new Map();
      this.#released.set(topic, places);
    }
    return places;
  }

  #checkVersions({ record, offset }: Accepted): void {
    const { versions } = JSON.parse(textOf(record.value)) as { versions: string[] };
    const unknown = versions.find((wire) => !this.spec.events.knows(wire));
    if (unknown !== undefined) {
      throw new UnreadableVersionError(this.spec.topic, this.partition, offset, unknown);
    }
  }

  #defer({ record, offset: at }: Accepted): void {
    const { topic, offset, part = 0, record: deferred } = JSON.parse(textOf(record.value)) as DeferredData;
    const headers = {
      t: Buffer.from(deferred.type),
      m: fromBase64(deferred.meta),
      h: fromBase64(deferred.link),
    };
    const alone = { offset, key: deferred.key, headers, value: fromBase64(deferred.value) };
    this.defersNow({ topic, part, record: alone }, at);
  }

  #evolve(accepted: Accepted, key: string): void {
    const { wires, meta, record, hash, offset } = accepted;
    const unknown = wires.find((wire) => !wire.startsWith('host.') && !this.spec.events.knows(wire));
    if (unknown !== undefined)
      throw new UnreadableVersionError(this.spec.topic, this.partition, offset, unknown);
    const entry = this.store.accepted(key);
    // A cached state is ahead of the log's place.
    if (this.spec.numbered && entry !== undefined && (meta.seq ?? 0) <= entry.seq) return;
    let state = entry?.state;
    let seq = 0;
    for (const part of partsOf(accepted, record.value)) {
      seq = part.meta.seq ?? 0;
      const { id, time } = part.meta;
      const event = { ...this.spec.events.trustedData(part.wire, part.data), id, seq, time };
      state = this.spec.actor.evolve(state, event, key);
    }
    const traceparent = entry?.traceparent ?? meta.traceparent;
    this.store.put(key, { state, seq, time: meta.time, recordKey: record.key, traceparent });
    this.#needs(key, offset, state !== undefined);
    if (!this.spec.numbered) return;
    this.store.setLink(key, hash);
    this.#folded.add(key);
  }
}

interface DeferredData {
  readonly topic: string;
  readonly offset: number;
  readonly part?: number;
  readonly record: { key: string; type: string; meta: string; link: string; value: string };
}

/** `type/version` of everything a host of this spec may write. */
export const writtenVersions = (spec: {
  readonly events: { readonly definitions: readonly { wire: string }[] };
}) => spec.events.definitions.map(({ wire }) => wire);

const inTopic = (topic: string, place: MessagePlace): string => `${topic}@${placeKey(place)}`;
const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');
const textOf = (value: Uint8Array | null): string => Buffer.from(value ?? new Uint8Array()).toString('utf8');
