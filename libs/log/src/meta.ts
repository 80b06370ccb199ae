import { isInstant } from '@interlock/contracts';
import type { Cursor, Position, Released } from './position.js';

/** What a record says about itself, packed into its `m` header. */
export interface Meta {
  /** Of its first part. */
  readonly id: string;
  /** Key of the actor it belongs to: the run. Absent on the host's own records. */
  readonly run?: string;
  /** Place of its first part in the run, from 1 without a gap. Only in logs that number their events. */
  readonly seq?: number;
  /** Offset of its author's claim; -1 on a claim and on plain topics. */
  readonly epoch: number;
  /** Place within the claim, from 1 without a gap; 0 on a claim and on plain topics. */
  readonly index: number;
  /** UTC ms; never before an earlier event of the same run. */
  readonly time: number;
  /** Id of the input it follows from. */
  readonly cause?: string;
  /** Offset in `run.events` of the record it answers; readers deliver it only after they have passed that. */
  readonly ref?: number;
  /** On index 1: the last record accepted before the claim. */
  readonly after?: { readonly epoch: number; readonly index: number };
  /** On the last record of an append: the input positions once the append is accepted. */
  readonly cursor?: Cursor;
  /** On the last record of an append: inputs dealt with that lie at or beyond the cursor, or were held in the log. */
  readonly released?: readonly Released[];
  readonly tenant?: string;
  readonly traceparent?: string;
}

interface Packed {
  id?: string;
  run?: string;
  seq?: number;
  e?: number;
  x?: number;
  time: number;
  cause?: string;
  ref?: number;
  after?: [number, number];
  cursor?: Record<string, [number, number, number]>;
  /** A part behind the first of its record is `[offset, part]`. */
  rel?: Record<string, (number | [number, number])[]>;
  tenant?: string;
  tp?: string;
}

/** The id of the `seq`-th event of a run: derived, so it is left out where run and seq say it. */
export const eventId = (run: string, seq: number): string => `${run}/${seq}`;

/** @throws {RangeError} the clock says what no reader takes for an instant: nothing may be written by it */
export function packMeta(meta: Meta): Buffer {
  if (!isInstant(meta.time))
    throw new RangeError(`${meta.time} is no instant: look at the clock of this host`);
  const derived = meta.run !== undefined && meta.seq !== undefined && meta.id === eventId(meta.run, meta.seq);
  const packed: Packed = {
    id: derived ? undefined : meta.id,
    run: meta.run,
    seq: meta.seq,
    e: meta.epoch === -1 ? undefined : meta.epoch,
    x: meta.index === 0 ? undefined : meta.index,
    time: meta.time,
    cause: meta.cause,
    ref: meta.ref,
    after: meta.after && [meta.after.epoch, meta.after.index],
    cursor: meta.cursor && packCursor(meta.cursor),
    rel: meta.released && meta.released.length > 0 ? packReleased(meta.released) : undefined,
    tenant: meta.tenant,
    tp: meta.traceparent,
  };
  return Buffer.from(JSON.stringify(packed));
}

/** The metadata of a record, or undefined when the header is not ours: such a record is ignored by every reader. */
export function unpackMeta(bytes: Uint8Array | undefined): Meta | undefined {
  if (bytes === undefined) return undefined;
  let packed: Packed;
  try {
    packed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
  return isPacked(packed) ? unpack(packed) : undefined;
}

function unpack(packed: Packed): Meta {
  const { id, run, seq, e = -1, x = 0, time, cause, ref, after, cursor, rel, tenant, tp } = packed;
  return {
    id: id ?? (run !== undefined && seq !== undefined ? eventId(run, seq) : ''),
    run,
    seq,
    epoch: e,
    index: x,
    time,
    cause,
    ref,
    after: after && { epoch: after[0], index: after[1] },
    cursor: cursor && unpackCursor(cursor),
    released: rel && unpackReleased(rel),
    tenant,
    traceparent: tp,
  };
}

const isCount = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value);
/** Ids are repeated in every event that follows from them: what is longer is none of ours. */
const ID_LENGTH_MAX = 1_000;
const isText = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && value.length <= ID_LENGTH_MAX);
const areCounts = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isSafeInteger);
const isPlace = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (areCounts(value) && (value as unknown[]).length === 2);
const isRecordOf = (value: unknown, holds: (one: unknown) => boolean): boolean =>
  value === undefined ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(holds));

function isPacked(value: unknown): value is Packed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { id, run, seq, e, x, time, cause, ref, after, cursor, rel } = value as Packed;
  return (
    isInstant(time) &&
    [seq, e, x, ref].every(isCount) &&
    [id, run, cause].every(isText) &&
    (after === undefined || (areCounts(after) && after.length === 2)) &&
    isRecordOf(cursor, (position) => areCounts(position) && (position as unknown[]).length === 3) &&
    isRecordOf(rel, (places) => Array.isArray(places) && places.every(isPlace))
  );
}

function packCursor(cursor: Cursor): Record<string, [number, number, number]> {
  const packed: Record<string, [number, number, number]> = {};
  for (const topic in cursor) {
    const { offset, epoch, index } = cursor[topic] as Position;
    packed[topic] = [offset, epoch, index];
  }
  return packed;
}

function unpackCursor(packed: Record<string, [number, number, number]>): Cursor {
  return Object.fromEntries(
    Object.entries(packed).map(([topic, [offset, epoch, index]]) => [topic, { offset, epoch, index }]),
  );
}

function packReleased(released: readonly Released[]): NonNullable<Packed['rel']> {
  const packed: NonNullable<Packed['rel']> = {};
  for (const { topic, offset, part } of released) {
    packed[topic] ??= [];
    packed[topic].push(part === 0 ? offset : [offset, part]);
  }
  return packed;
}

const unpackReleased = (packed: NonNullable<Packed['rel']>): Released[] =>
  Object.entries(packed).flatMap(([topic, places]) =>
    places.map((place) =>
      typeof place === 'number'
        ? { topic, offset: place, part: 0 }
        : { topic, offset: place[0], part: place[1] },
    ),
  );
