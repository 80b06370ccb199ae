import { APPEND_BYTES_MAX, type StoredRecord } from '@interlock/broker';
import { HostProgress, InputDeferred } from '@interlock/contracts';
import type { Cursor, Draft, Released } from '@interlock/log';
import type { Effect, RecordedEvent } from './actor.js';
import type { DeferredInput } from './deferred-inputs.js';
import type { EffectResult } from './running-effects.js';
import type { ActorEntry, Changes } from './store.js';

/** Most events and bytes of one decision; a larger one is refused as `decision.too_large`. */
export const DECISION_EVENTS_MAX = 200;
export const DECISION_BYTES_MAX = 512 * 1024;

/** Bytes for the headers of a record: m, h and framing. The cursor of the last record is counted with it. */
const RECORD_OVERHEAD_BYTES = 700;

/** One decision with everything that depends on its acceptance. */
export interface Decided<State> {
  readonly key: string;
  /** The record of it; none where it has no events. */
  readonly drafts: readonly Draft[];
  readonly events: readonly RecordedEvent[];
  readonly entry: ActorEntry<State>;
}

/** A message that could not be handled; sent to quarantine when the append that passes it is accepted. */
export interface Quarantined {
  readonly topic: string;
  readonly record: StoredRecord;
  /** Which part of it, from 0. */
  readonly part: number;
  readonly code: string;
  readonly message: string;
}

/** Whole decisions that go into the log as one append. */
export class Batch<State> {
  readonly drafts: Draft[] = [];
  readonly changes: Changes<State> = new Map();
  readonly events: { readonly key: string; readonly event: RecordedEvent }[] = [];
  /** Results that this append records. */
  readonly results: EffectResult[] = [];
  readonly quarantined: Quarantined[] = [];
  readonly logged: DeferredInput[] = [];
  /** Effects that wait for the append, with the keys of those who ask for them. */
  readonly starts: { readonly key: string; readonly effect: Effect }[] = [];
  cursor: Cursor = {};
  released: readonly Released[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.drafts.length === 0 && this.quarantined.length === 0 && this.starts.length === 0;
  }

  hasRoomFor(drafts: readonly Draft[]): boolean {
    return this.#bytes + bytesOf(drafts) <= APPEND_BYTES_MAX - 100 * 1024;
  }

  add({ key, drafts, events, entry }: Decided<State>): void {
    this.#push(drafts);
    for (const event of events) this.events.push({ key, event });
    if (events.length > 0) this.changes.set(key, entry);
  }

  /** Writes an input into the log so that the cursor may pass it. */
  addDeferred(input: DeferredInput, draft: Draft): void {
    this.#push([draft]);
    this.logged.push(input);
  }

  /** Only the cursor. */
  addProgress(now: number): void {
    this.#push([{ key: 'host', wire: HostProgress.wire, value: json({}), meta: { time: now } }]);
  }

  #push(drafts: readonly Draft[]): void {
    this.drafts.push(...drafts);
    this.#bytes += bytesOf(drafts);
  }
}

/** An input as the own log holds it. */
export function deferredDraft({ record, message }: DeferredInput, now: number): Draft {
  const { t, m, h } = record.headers;
  const deferred = {
    key: record.key,
    type: Buffer.from(t ?? new Uint8Array()).toString('utf8'),
    meta: base64(m),
    link: base64(h),
    value: base64(record.value),
    epoch: message.meta.epoch,
  };
  const { topic, offset, part } = message;
  const { data } = InputDeferred({ topic, offset, ...(part > 0 && { part }), record: deferred });
  return { key: record.key, wire: InputDeferred.wire, value: json(data), meta: { time: now } };
}

export const bytesOf = (drafts: readonly Draft[]): number =>
  drafts.reduce(
    (sum, draft) => sum + draft.value.length + draft.wire.length + RECORD_OVERHEAD_BYTES + excessOf(draft),
    0,
  );

/** Names come from the writer of the input: bytes beyond the room for headers count, at their longest escaped form. */
const excessOf = ({ key, meta: { run = '', cause = '' } }: Draft): number =>
  6 * Math.max(0, key.length + run.length + cause.length - 200);

export const json = (data: unknown): Buffer => Buffer.from(JSON.stringify(data ?? null));

const base64 = (bytes: Uint8Array | null | undefined): string =>
  Buffer.from(bytes ?? new Uint8Array()).toString('base64');
