/**
 * What a partition has read and what it has dealt with.
 *
 * P1. A position stands only between two appends, and never behind an input that is deferred and not logged.
 * P2. An input dealt with at or beyond the cursor is named by the append that deals with it.
 * P3. A message that names a record of `run.events` waits until that record has been read.
 */

import type { StoredRecord } from '@interlock/broker';
import { runEvents } from '@interlock/contracts';
import { type Cursor, type Position, placeKey, type Released, startingAt } from '@interlock/log';
import { DeferredInputs } from './deferred-inputs.js';
import type { HostSpec } from './host.spec.js';
import { deferredMessage, type FedMessage, InputFeed, type Unit } from './input-feed.js';
import type { OwnLog } from './own-log.js';

/** The next message to decide on. */
export interface NextInput {
  readonly feed: InputFeed;
  readonly unit: Unit;
  readonly fed: FedMessage;
}

export interface PausableSource {
  pause(topic: string): void;
  resume(topic: string): void;
}

export class PartitionInputs<State> {
  readonly deferred = new DeferredInputs();
  readonly feeds: readonly InputFeed[];
  readonly #byTopic = new Map<string, InputFeed>();
  readonly #place = new Map<InputFeed, number>();
  readonly #paused = new Set<InputFeed>();
  #released: (Released & { readonly logged: boolean })[] = [];
  #turn = 0;

  /**
   * @param starts first readable offset of each input, for those the log has never named
   * @param admitted called when there may be a next message again
   */
  constructor(
    readonly spec: HostSpec<State>,
    own: OwnLog<State>,
    starts: ReadonlyMap<string, number>,
    now: number,
    admitted?: () => void,
  ) {
    this.feeds = spec.inputs.map((input) => {
      const from = own.cursor[input.topic] ?? startingAt(starts.get(input.topic) ?? 0);
      const skip = new Set(own.releasedOf(input.topic).keys());
      for (const logged of own.deferred.values())
        if (logged.topic === input.topic)
          skip.add(placeKey({ offset: logged.record.offset, part: logged.part }));
      const wanted = spec.actor.inputs[input.topic] ?? new Set<string>();
      return new InputFeed(input, own.partition, from, wanted, skip, spec.actor.prefilter, admitted);
    });
    for (const feed of this.feeds) this.#byTopic.set(feed.topic, feed);
    this.#restore(own, now);
  }

  stop(): void {
    for (const feed of this.feeds) feed.stop();
  }

  feed(topic: string): InputFeed | undefined {
    return this.#byTopic.get(topic);
  }

  add(topic: string, records: readonly StoredRecord[], source: PausableSource): void {
    const feed = this.#byTopic.get(topic);
    if (feed === undefined) return;
    feed.add(records);
    if (feed.queued > this.spec.limits.queueMax && !this.#paused.has(feed)) {
      this.#paused.add(feed);
      source.pause(topic);
    }
  }

  relieve(source: PausableSource): void {
    for (const feed of this.#paused) {
      if (feed.queued > this.spec.limits.queueMax / 2) continue;
      this.#paused.delete(feed);
      source.resume(feed.topic);
    }
  }

  /** The next message that may be decided now. The inputs take turns, a unit each. */
  next(): NextInput | undefined {
    for (let tried = 0; tried < this.feeds.length; tried++) {
      const turn = (this.#turn + tried) % this.feeds.length;
      const feed = this.feeds[turn];
      const next = feed === undefined ? undefined : this.#nextOf(feed);
      if (next === undefined) continue;
      this.#turn = turn;
      return next;
    }
    return undefined;
  }

  /** `next` has been decided; `dealtWith`: nothing of it is kept. */
  decided({ feed, unit, fed }: NextInput, dealtWith: boolean): void {
    if (dealtWith)
      this.#released.push({ topic: feed.topic, offset: fed.offset, part: fed.part, logged: false });
    const place = (this.#place.get(feed) ?? 0) + 1;
    if (place < unit.messages.length) {
      this.#place.set(feed, place);
      return;
    }
    this.#place.set(feed, 0);
    feed.shift();
    this.#turn += 1;
  }

  release(key: string, message: NonNullable<FedMessage['message']>): void {
    const input = this.deferred.release(key, message);
    if (input !== undefined) {
      const { topic, offset, part } = message;
      this.#released.push({ topic, offset, part, logged: input.logged });
    }
  }

  /** Positions as of now (P1). */
  cursor(): Cursor {
    const cursor: Record<string, Position> = {};
    for (const feed of this.feeds) {
      const deferred = this.deferred.oldestStart(feed.topic);
      cursor[feed.topic] =
        deferred !== undefined && deferred.offset < feed.position.offset ? deferred : feed.position;
    }
    return cursor;
  }

  /** What an append with this cursor has to name (P2). */
  takeReleased(cursor: Cursor): Released[] {
    const named = this.#released
      .filter(({ topic, offset, logged }) => logged || offset >= (cursor[topic]?.offset ?? 0))
      .map(({ topic, offset, part }) => ({ topic, offset, part }));
    this.#released = [];
    return named;
  }

  hasDecided(ends: ReadonlyMap<string, number>): boolean {
    return this.feeds.every((feed) => feed.hasDecided(ends.get(feed.topic) ?? 0));
  }

  #nextOf(feed: InputFeed): NextInput | undefined {
    for (let unit = feed.peek(); unit !== undefined && !feed.isAdmitting; unit = feed.peek()) {
      const fed = unit.messages[this.#place.get(feed) ?? 0];
      if (fed !== undefined) return this.#mayRead(feed, fed) ? { feed, unit, fed } : undefined;
      feed.shift();
    }
    return undefined;
  }

  /** Only services may name records to wait for: a message from outside must not hold up a plain topic. */
  #mayRead({ kind }: InputFeed, { message, broken }: FedMessage): boolean {
    if (kind === 'plain') return true;
    const ref = message?.meta.ref ?? broken?.meta?.ref;
    if (ref === undefined) return true;
    const runs = this.#byTopic.get(runEvents.name);
    return runs === undefined || runs.position.offset > ref; // P3
  }

  #restore(own: OwnLog<State>, now: number): void {
    for (const logged of own.deferred.values()) {
      const { topic, record } = logged;
      const spec = this.spec.inputs.find((input) => input.topic === topic);
      const message = spec && deferredMessage(spec, logged);
      const key = message && this.spec.actor.key(message);
      if (message === undefined || key === undefined) continue;
      this.deferred.defer({
        key,
        message,
        record,
        start: startingAt(record.offset),
        since: now,
        logged: true,
      });
    }
  }
}
