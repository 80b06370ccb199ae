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
  /** On the last record of an append: the input positions once it is accepted that differ from what its claim has said before. */
  readonly cursor?: Cursor;
  /** On the last record of an append: inputs dealt with that lie at or beyond the cursor, or were deferred. */
  readonly released?: readonly Released[];
  readonly tenant?: string;
  readonly traceparent?: string;
}

/** As it is stored: what the record says elsewhere is left out. */
interface Packed {
  /** Absent: run and seq say it, or the place in the log does. */
  id?: string;
  /** Absent: the record's key. `null`: the record is of no run. */
  run?: string | null;
  seq?: number;
  e?: number;
  x?: number;
  time: number;
  /** A number is the seq of an event of the same run. */
  cause?: string | number;
  ref?: number;
  after?: [number, number];
  cursor?: Record<string, PackedPosition>;
  /** A part behind the first of its record is `[offset, part]`. */
  rel?: Record<string, (number | [number, number])[]>;
  tenant?: string;
  tp?: string;
}

/** `offset` in a plain topic; `[offset, epoch]` where all records behind the claim are accepted ones; else `[offset, epoch, index]`. */
type PackedPosition = number | [number, number] | [number, number, number];

/** The id of the `seq`-th event of a run: derived, so it is left out where run and seq say it. */
export const eventId = (run: string, seq: number): string => `${run}/${seq}`;

/** The seq in the id of an event of `run`; undefined: it is another id. */
export function seqOf(id: string | undefined, run: string | undefined): number | undefined {
  if (id === undefined || run === undefined || !id.startsWith(run)) return undefined;
  const seq = Number(id.slice(run.length + 1));
  return Number.isSafeInteger(seq) && seq > 0 && id === eventId(run, seq) ? seq : undefined;
}

/** Where a record of a fenced log lies. */
export interface Home {
  readonly topic: string;
  readonly partition: number;
}

/** The id of a record without seq: derived from its place in its log. */
export const placeId = ({ topic, partition }: Home, epoch: number, index: number): string =>
  `${topic}/${partition}/${epoch}.${index}`;

/**
 * The bytes of a record's `m` header.
 * @param key the record's
 * @param home absent: its reader does not know where it lies
 * @throws {RangeError} the clock gives a time that no reader accepts, so nothing may be written with it
 */
export function packMeta(meta: Meta, key: string, home?: Home): Buffer {
  if (!isInstant(meta.time))
    throw new RangeError(`${meta.time} is not an instant: check the clock of this host`);
  const packed: Packed = {
    id: meta.id === derivedId(meta, home) ? undefined : meta.id,
    run: meta.run === undefined ? null : meta.run === key ? undefined : meta.run,
    seq: meta.seq,
    e: meta.epoch === -1 ? undefined : meta.epoch,
    x: meta.index === 0 ? undefined : meta.index,
    time: meta.time,
    cause: seqOf(meta.cause, meta.run) ?? meta.cause,
    ref: meta.ref,
    after: meta.after && [meta.after.epoch, meta.after.index],
    cursor: meta.cursor && packCursor(meta.cursor),
    rel: meta.released && meta.released.length > 0 ? packReleased(meta.released) : undefined,
    tenant: meta.tenant,
    tp: meta.traceparent,
  };
  return Buffer.from(JSON.stringify(packed));
}

/**
 * The metadata of a record, or undefined when the header is not ours: such a record is ignored by every reader.
 * @param key the record's
 * @param home of a record of a fenced log: its id is derived from that
 */
export function unpackMeta(bytes: Uint8Array | undefined, key: string, home?: Home): Meta | undefined {
  if (bytes === undefined) return undefined;
  let packed: Packed;
  try {
    packed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
  return isPacked(packed) ? unpack(packed, key, home) : undefined;
}

function unpack(packed: Packed, key: string, home: Home | undefined): Meta {
  const { id, seq, e = -1, x = 0, time, cause, ref, after, cursor, rel, tenant, tp } = packed;
  const run = packed.run === undefined ? key : (packed.run ?? undefined);
  return {
    id: id ?? derivedId({ run, seq, epoch: e, index: x }, home) ?? '',
    run,
    seq,
    epoch: e,
    index: x,
    time,
    cause: typeof cause === 'number' ? eventId(run ?? '', cause) : cause,
    ref,
    after: after && { epoch: after[0], index: after[1] },
    cursor: cursor && unpackCursor(cursor),
    released: rel && unpackReleased(rel),
    tenant,
    traceparent: tp,
  };
}

/** What the id of such a record is unless it says another one. */
function derivedId(
  { run, seq, epoch, index }: Pick<Meta, 'run' | 'seq' | 'epoch' | 'index'>,
  home: Home | undefined,
): string | undefined {
  if (run !== undefined && seq !== undefined) return eventId(run, seq);
  return home === undefined || index < 1 ? undefined : placeId(home, epoch, index);
}

const isCount = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value);
/** Ids are repeated in every event that follows from them: a longer one is not one of ours. */
const ID_LENGTH_MAX = 1_000;
/** Of W3C Trace Context, version 00. */
const TRACEPARENT_LENGTH_MAX = 55;
const isText = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && value.length <= ID_LENGTH_MAX);
const areCounts = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isSafeInteger);
const isPlace = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (areCounts(value) && (value as unknown[]).length === 2);
const isPosition = (value: unknown): boolean =>
  isPlace(value) || (areCounts(value) && (value as unknown[]).length === 3);
const isRecordOf = (value: unknown, holds: (one: unknown) => boolean): boolean =>
  value === undefined ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(holds));

function isPacked(value: unknown): value is Packed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { id, run, seq, e, x, time, cause, ref, after, cursor, rel, tenant, tp } = value as Packed;
  return (
    isInstant(time) &&
    isText(tenant) &&
    // It goes into every record of a run that a message starts.
    isText(tp) &&
    (tp === undefined || tp.length <= TRACEPARENT_LENGTH_MAX) &&
    [seq, e, x, ref].every(isCount) &&
    isText(id) &&
    (run === null ? isText(cause) : isText(run) && (isText(cause) || isCount(cause))) &&
    (after === undefined || (areCounts(after) && after.length === 2)) &&
    isRecordOf(cursor, isPosition) &&
    isRecordOf(rel, (places) => Array.isArray(places) && places.every(isPlace))
  );
}

const packCursor = (cursor: Cursor): Record<string, PackedPosition> =>
  Object.fromEntries(Object.entries(cursor).map(([topic, position]) => [topic, packPosition(position)]));

const unpackCursor = (packed: Record<string, PackedPosition>): Cursor =>
  Object.fromEntries(Object.entries(packed).map(([topic, position]) => [topic, unpackPosition(position)]));

function packPosition({ offset, epoch, index }: Position): PackedPosition {
  if (epoch === -1 && index === 0) return offset;
  return index === offset - epoch - 1 ? [offset, epoch] : [offset, epoch, index];
}

function unpackPosition(packed: PackedPosition): Position {
  if (typeof packed === 'number') return { offset: packed, epoch: -1, index: 0 };
  const [offset, epoch, index = offset - epoch - 1] = packed;
  return { offset, epoch, index };
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
