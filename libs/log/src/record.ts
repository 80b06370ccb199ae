import { Buffer } from 'node:buffer';
import { GENESIS, linkHash } from './chain.js';
import { type Home, type Meta, packMeta, unpackMeta } from './meta.js';
import { recordValue } from './part.js';

/** A record as a broker stores it; structurally the port's NewRecord. */
export interface LogRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, Uint8Array>>;
  readonly value: Uint8Array | null;
}

/** What goes into one record of a log: one part, or several that were decided together (`part.ts`). */
export interface Entry {
  readonly key: string;
  /** `type/version` of each part, joined by commas. */
  readonly wire: string;
  readonly meta: Meta;
  readonly value: Uint8Array;
}

/** A record and the hash that the next one of its chain names. */
export interface Sealed {
  readonly record: LogRecord;
  readonly hash: Uint8Array;
}

/**
 * Writes the three headers: `t` types, `m` metadata, `h` previous hash and own hash (64 bytes).
 * @param home of a record of a fenced log
 */
export function seal(entry: Entry, previous: Uint8Array, home?: Home): Sealed {
  const { key, wire, meta, value } = entry;
  const t = wireBytes(wire);
  const m = packMeta(meta, key, home);
  const hash = linkHash(previous, { key, t, m, value });
  const h = Buffer.concat([previous, hash]);
  const headers = { t, m, h };
  const opened = { wires: wiresOf(wire), meta, previous: h.subarray(0, 32), hash };
  sealedHere.set(headers, { opened, key, value });
  return { record: { key, headers, value }, hash };
}

/**
 * Records that this process has sealed, or opened for all, and still holds. A broker in the same process gives its readers the very
 * same objects, which need not be unpacked or verified again. Bytes from anywhere else are in other objects.
 */
const sealedHere = new WeakMap<
  LogRecord['headers'],
  { readonly opened: Opened; readonly key: string; readonly value: Uint8Array | null }
>();

/**
 * Unpacks and verifies a record once for all readers of this process that get this very object. Its bytes must not change any more. One
 * that is not ours, or that is not intact, stays as it is: each reader finds that out.
 * @param home of a record of a fenced log
 */
export function openForAll(record: LogRecord, home?: Home): void {
  const { key, headers, value } = record;
  if (openedHere(record) !== undefined) return;
  const opened = open(record, home);
  if (opened !== undefined && isIntact(record, opened)) sealedHere.set(headers, { opened, key, value });
}

function openedHere({ key, headers, value }: LogRecord): Opened | undefined {
  const sealed = sealedHere.get(headers);
  return sealed !== undefined && sealed.key === key && sealed.value === value ? sealed.opened : undefined;
}

/** A record for a plain topic: no claim, a chain of its own. */
export const plainRecord = (
  key: string,
  wire: string,
  meta: Omit<Meta, 'epoch' | 'index'>,
  data: unknown,
): LogRecord =>
  seal(
    { key, wire, meta: { ...meta, epoch: -1, index: 0 }, value: recordValue([{ wire, data }], meta.run) },
    GENESIS,
  ).record;

/** The readable parts of a record, or undefined when its headers are not ours. */
export interface Opened {
  /** `type/version` of each part, in order; never empty. */
  readonly wires: readonly string[];
  readonly meta: Meta;
  readonly previous: Uint8Array;
  readonly hash: Uint8Array;
}

/** @param home of a record of a fenced log: its id is derived from that */
export function open(record: LogRecord, home?: Home): Opened | undefined {
  const here = openedHere(record);
  if (here !== undefined) return here;
  const { t, m, h } = record.headers;
  if (t === undefined || h === undefined || h.length !== 64) return undefined;
  const meta = unpackMeta(m, record.key, home);
  if (meta === undefined) return undefined;
  return { wires: wiresOf(textOf(t)), meta, previous: h.subarray(0, 32), hash: h.subarray(32) };
}

/** The hash that a sealed record says it has. */
export const hashOfRecord = ({ headers: { h } }: LogRecord): Buffer =>
  Buffer.from((h ?? GENESIS).subarray(32));

/** Whether the record's bytes are the ones its author hashed. */
export function isIntact(record: LogRecord, opened: Opened): boolean {
  const { t, m } = record.headers;
  if (t === undefined || m === undefined) return false;
  if (openedHere(record) === opened) return true;
  const { key, value } = record;
  return linkHash(opened.previous, { key, t, m, value: value ?? new Uint8Array() }).equals(opened.hash);
}

/** Most decisions have one of a few lists of types, so each list is encoded and split once. When there are too many, all are forgotten. */
const SHAPES_MAX = 4_000;
const SHAPE_LENGTH_MAX = 400;
const bytesOfShape = new Map<string, Uint8Array>();
const wiresOfShape = new Map<string, readonly string[]>();

const wireBytes = (wire: string): Uint8Array => remembered(bytesOfShape, wire, (text) => Buffer.from(text));
const wiresOf = (wire: string): readonly string[] =>
  remembered(wiresOfShape, wire, (text) => text.split(','));

function remembered<T>(known: Map<string, T>, wire: string, made: (wire: string) => T): T {
  let found = known.get(wire);
  if (found === undefined) {
    found = made(wire);
    if (known.size >= SHAPES_MAX) known.clear();
    if (wire.length <= SHAPE_LENGTH_MAX) known.set(wire, found);
  }
  return found;
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
