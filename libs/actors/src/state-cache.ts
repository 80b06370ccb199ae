/**
 * States to start from faster: a compacted topic beside the log, which may be deleted at any time.
 *
 * C1. A flush writes the states that changed, whoever wrote their events, then the partition's entry: position, cursor, deferred and released inputs, all of one instant.
 * C2. Nobody fences this topic, so a deposed host may write over newer states. Each flush must land where the one before it ended, all the
 *     way back to one that wrote every state; the entry names both places. After anything else the next flush writes every state.
 * C3. A state newer than the entry does no harm: the fold passes over events that a state already holds (numbered logs only).
 * C4. Of a partition that this process has lost and taken again only the newest hold counts: a flush or a start of the one before that is
 *     still under way when it fails or succeeds says nothing about what the new one has changed.
 * C5. A state too large to cache holds the whole entry back. Anything that does not fit at a start, a state of another version or a position the log does not confirm, drops the whole cache; the log is right.
 */
import {
  type Broker,
  type NewRecord,
  type Producer,
  RenewingProducer,
  type StoredRecord,
} from '@interlock/broker';
import { type Cursor, open, type Position, type Released, TruncatedLogError } from '@interlock/log';
import type { Batch } from './batch.js';
import type { OwnLog } from './own-log.js';
import type { Cancel, Runtime } from './runtime.js';
import type { ActorEntry } from './store.js';

/** How a state becomes text and back. */
export interface StateCodec<State> {
  encode(state: State): string;
  /** undefined: written by another version of the fold. */
  decode(text: string): State | undefined;
}

interface CachedActor {
  /** Own log's next offset when this was written. */
  readonly upTo: number;
  readonly seq: number;
  readonly time: number;
  readonly recordKey: string;
  readonly traceparent?: string;
  readonly link: string;
  readonly state: string | null;
}

interface CachedPartition {
  /** Where in the cache this entry lies, unless somebody else wrote there (C2). */
  readonly at: number;
  /** Where in the cache the flush began that wrote every state. */
  readonly since: number;
  readonly position: Position;
  readonly lastHash: string;
  readonly cursor: Cursor;
  readonly released: readonly Released[];
  readonly deferred: readonly {
    readonly topic: string;
    readonly part: number;
    readonly record: CachedRecord;
  }[];
}

interface CachedRecord {
  readonly offset: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | null;
}

/** Flushes that followed one another without a gap. */
interface Chain {
  readonly since: number;
  readonly next: number;
}

const FLUSH_MS = 5_000;
const CHUNK_BYTES_MAX = 700 * 1024;
const STATE_BYTES_MAX = 600 * 1024;

export class StateCache<State> {
  readonly #dirty = new Map<number, Set<string>>();
  readonly #producer: Producer;
  readonly #flushing = new Map<number, Promise<void>>();
  readonly #chains = new Map<number, Chain>();
  #timer: Cancel | undefined;
  #owns = new Map<number, OwnLog<State>>();
  /** The newest hold on each partition (C4). */
  readonly #holds = new Map<number, OwnLog<State>>();

  /** @param failed called when a flush does not succeed; the next one writes again what it missed */
  constructor(
    readonly broker: Broker,
    readonly topic: string,
    readonly codec: StateCodec<State>,
    readonly runtime: Runtime,
    readonly failed: (error: unknown) => void,
  ) {
    this.#producer = new RenewingProducer(broker);
  }

  /** An append is accepted: its actors are to be written with the next flush. */
  changed(partition: number, own: OwnLog<State>, { changes }: Batch<State>): void {
    if (!this.#holds.has(partition)) this.#holds.set(partition, own);
    // C4: what the hold before has changed is in the log, and the newest hold folds it from there.
    if (!this.#isHeld(partition, own)) return;
    let dirty = this.#dirty.get(partition);
    if (dirty === undefined) {
      dirty = new Set();
      this.#dirty.set(partition, dirty);
    }
    for (const key of [...changes.keys(), ...own.takeFolded()]) dirty.add(key);
    this.#owns.set(partition, own);
    this.#timer ??= this.runtime.scheduler.after(FLUSH_MS, () => this.#flushAll());
  }

  /** Fills the fold from the cache, when it is whole and the log confirms it (C5). From here on this is the newest hold. */
  async warm(own: OwnLog<State>): Promise<void> {
    const { partition } = own;
    this.#holds.set(partition, own);
    this.#owns.delete(partition);
    this.#dirty.delete(partition);
    this.#chains.delete(partition);
    const { newest, end } = await this.#newest(partition);
    const entry = newest.get(partitionKey(partition));
    newest.delete(partitionKey(partition));
    if (entry === undefined) return;
    const cached = JSON.parse(textOf(entry)) as CachedPartition;
    if (entry.offset !== cached.at || !(await this.#confirmed(own, cached))) return;
    const actors = this.#decodeAll(newest, cached);
    if (actors === undefined) return;
    for (const [key, { link, ...actor }] of actors) {
      own.store.put(key, actor);
      own.store.setLink(key, link);
    }
    own.restore(cached.position, Buffer.from(cached.lastHash, 'base64'), cached.cursor, cached.released);
    for (const { topic, part, record } of cached.deferred)
      own.defersNow({ topic, part, record: uncached(record) });
    if (this.#isHeld(partition, own)) this.#chains.set(partition, { since: cached.since, next: end });
  }

  async stop(): Promise<void> {
    this.#timer?.();
    this.#flushAll();
    await Promise.all(this.#flushing.values());
    await this.#producer.close();
  }

  #flushAll(): void {
    this.#timer = undefined;
    for (const [partition, own] of this.#owns) {
      if (this.#flushing.has(partition)) {
        this.#timer ??= this.runtime.scheduler.after(FLUSH_MS, () => this.#flushAll());
        continue;
      }
      const flushing = this.#flush(partition, own)
        .catch((error: unknown) => this.#notFlushed(partition, own, error))
        .finally(() => this.#flushing.delete(partition));
      this.#flushing.set(partition, flushing);
      this.#owns.delete(partition);
    }
  }

  /** C1, C2 */
  async #flush(partition: number, own: OwnLog<State>): Promise<void> {
    const chain = this.#chains.get(partition) ?? (await this.#newChain(partition));
    if (!this.#isHeld(partition, own)) return;
    const dirty = this.#dirty.get(partition) ?? new Set();
    // The log may have been followed since the change that this flush is due to, and the entry says how far.
    for (const key of own.takeFolded()) dirty.add(key);
    const keys = chain.since === chain.next ? [...own.store.keys()] : [...dirty];
    if (own.lastHash === undefined || dirty.size === 0) return;
    const records = keys.flatMap((key) => this.#record(own, key));
    const at = chain.next + records.length;
    const entry = { at, since: chain.since, ...entryOf(own) };
    records.push({ key: partitionKey(partition), headers: {}, value: Buffer.from(JSON.stringify(entry)) });
    this.#dirty.delete(partition);
    this.#chains.delete(partition);
    try {
      await this.#write(partition, records, chain.next);
    } catch (error) {
      if (!this.#isHeld(partition, own)) throw error;
      const missed = this.#dirty.get(partition) ?? new Set();
      this.#dirty.set(partition, new Set([...dirty, ...missed]));
      throw error;
    }
    if (this.#isHeld(partition, own)) this.#chains.set(partition, { since: chain.since, next: at + 1 });
  }

  /** C4 */
  #isHeld(partition: number, own: OwnLog<State>): boolean {
    return this.#holds.get(partition) === own;
  }

  async #newChain(partition: number): Promise<Chain> {
    const { end } = await this.broker.bounds(this.topic, partition);
    return { since: end, next: end };
  }

  async #write(partition: number, records: readonly NewRecord[], from: number): Promise<void> {
    let next = from;
    for (const chunk of chunksOf(records)) {
      const offset = await this.#producer.append(this.topic, partition, chunk);
      if (offset !== next)
        throw new Error(`somebody else wrote states: expected offset ${next}, got ${offset}`);
      next += chunk.length;
    }
  }

  /** It is tried again with the next change; until then the older entry stays, and a start folds a longer tail. */
  #notFlushed(partition: number, own: OwnLog<State>, error: unknown): void {
    if (this.#isHeld(partition, own)) this.#owns.set(partition, own);
    this.failed(error);
  }

  #record(own: OwnLog<State>, key: string): NewRecord[] {
    const entry = own.store.accepted(key);
    if (entry === undefined) return [{ key, headers: {}, value: null }];
    const state = entry.state === undefined ? null : this.codec.encode(entry.state);
    const link = Buffer.from(own.store.link(key)).toString('base64');
    const { seq, time, recordKey, traceparent } = entry;
    const upTo = own.position.offset;
    const cached: CachedActor = { upTo, seq, time, recordKey, traceparent, link, state };
    const value = Buffer.from(JSON.stringify(cached));
    if (value.length > STATE_BYTES_MAX)
      throw new Error(`the state of ${key} has ${value.length} bytes: too large to cache`);
    return [{ key, headers: {}, value }];
  }

  async #newest(partition: number): Promise<{ newest: Map<string, StoredRecord>; end: number }> {
    const newest = new Map<string, StoredRecord>();
    let { start: end } = await this.broker.bounds(this.topic, partition);
    for await (const records of this.broker.read(this.topic, partition, end)) {
      for (const record of records) {
        end = record.offset + 1;
        if (record.value === null) newest.delete(record.key);
        else newest.set(record.key, record);
      }
    }
    return { newest, end };
  }

  /** The log still holds the record that the entry says was accepted last. */
  async #confirmed(own: OwnLog<State>, { position, lastHash }: CachedPartition): Promise<boolean> {
    const { topic } = own.spec;
    const last = position.offset - 1;
    const { start, end } = await this.broker.bounds(topic, own.partition);
    if (position.offset > end)
      throw new TruncatedLogError(
        topic,
        own.partition,
        `its checkpoint ${this.topic} was taken at ${position.offset}, but it ends at ${end}`,
      );
    if (last < start) return false;
    for await (const [record] of this.broker.read(topic, own.partition, last)) {
      const found = record && open(record);
      return found !== undefined && Buffer.from(found.hash).toString('base64') === lastHash;
    }
    return false;
  }

  #decodeAll(records: ReadonlyMap<string, StoredRecord>, { at, since, position }: CachedPartition) {
    const actors = new Map<string, ActorEntry<State> & { readonly link: Uint8Array }>();
    for (const [key, record] of records) {
      const { upTo, state, link, ...actor } = JSON.parse(textOf(record)) as CachedActor;
      const isForeign = record.offset < since || (record.offset > at && upTo < position.offset);
      if (isForeign) return undefined; // C2
      const decoded = state === null ? undefined : this.codec.decode(state);
      if (state !== null && decoded === undefined) return undefined;
      actors.set(key, { ...actor, state: decoded, link: Buffer.from(link, 'base64') });
    }
    return actors;
  }
}

function entryOf<State>(own: OwnLog<State>): Omit<CachedPartition, 'at' | 'since'> {
  return {
    position: own.position,
    lastHash: Buffer.from(own.lastHash ?? []).toString('base64'),
    cursor: own.cursor,
    released: own.spec.inputs.flatMap(({ topic }) =>
      [...own.releasedOf(topic).values()].map(({ offset, part }) => ({ topic, offset, part })),
    ),
    deferred: [...own.deferred.values()].map(({ topic, part, record }) => ({
      topic,
      part,
      record: cached(record),
    })),
  };
}

function* chunksOf(records: readonly NewRecord[]): Generator<NewRecord[]> {
  let chunk: NewRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = record.key.length + (record.value?.length ?? 0) + 100;
    if (chunk.length > 0 && bytes + size > CHUNK_BYTES_MAX) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += size;
  }
  yield chunk;
}

const partitionKey = (partition: number): string => `partition:${partition}`;

const textOf = ({ value }: StoredRecord): string => Buffer.from(value ?? new Uint8Array()).toString('utf8');

const cached = ({ offset, key, headers, value }: StoredRecord): CachedRecord => ({
  offset,
  key,
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, base64(bytes)])),
  value: value === null ? null : base64(value),
});

const uncached = ({ offset, key, headers, value }: CachedRecord): StoredRecord => ({
  offset,
  key,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
  ),
  value: value === null ? null : Buffer.from(value, 'base64'),
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
