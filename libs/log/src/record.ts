import { Buffer } from 'node:buffer';
import { GENESIS, linkHash } from './chain.js';
import { type Meta, packMeta, unpackMeta } from './meta.js';

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

/** Writes the three headers: `t` types, `m` metadata, `h` previous hash and own hash (64 bytes). */
export function seal(entry: Entry, previous: Uint8Array): Sealed {
  const t = wireBytes(entry.wire);
  const m = packMeta(entry.meta);
  const hash = linkHash(previous, t, m, entry.value);
  const h = Buffer.concat([previous, hash]);
  const headers = { t, m, h };
  const { wire, meta, value } = entry;
  const opened = { wires: wiresOf(wire), meta, previous: h.subarray(0, 32), hash };
  sealedHere.set(headers, { opened, value });
  return { record: { key: entry.key, headers, value }, hash };
}

/**
 * What this process has sealed and not let go of. A broker in the same process hands its readers the very objects of the author,
 * and there is nothing to unpack or to verify in them. Bytes that came from anywhere else are in other objects.
 */
const sealedHere = new WeakMap<
  LogRecord['headers'],
  { readonly opened: Opened; readonly value: Uint8Array }
>();

/** A record for a plain topic: no claim, a chain of its own. */
export const plainRecord = (
  key: string,
  wire: string,
  meta: Omit<Meta, 'epoch' | 'index'>,
  data: unknown,
): LogRecord =>
  seal(
    { key, wire, meta: { ...meta, epoch: -1, index: 0 }, value: Buffer.from(JSON.stringify(data)) },
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

export function open(record: LogRecord): Opened | undefined {
  const sealed = sealedHere.get(record.headers);
  if (sealed !== undefined && sealed.value === record.value) return sealed.opened;
  const { t, m, h } = record.headers;
  if (t === undefined || h === undefined || h.length !== 64) return undefined;
  const meta = unpackMeta(m);
  if (meta === undefined) return undefined;
  return { wires: wiresOf(textOf(t)), meta, previous: h.subarray(0, 32), hash: h.subarray(32) };
}

/** The hash that a sealed record says it has: of its type, metadata and value. */
export const hashOfRecord = ({ headers: { h } }: LogRecord): Buffer =>
  Buffer.from((h ?? GENESIS).subarray(32));

/** Whether the record's bytes are the ones its author hashed. */
export function isIntact(record: LogRecord, opened: Opened): boolean {
  const { t, m } = record.headers;
  if (t === undefined || m === undefined) return false;
  const sealed = sealedHere.get(record.headers);
  if (sealed?.opened === opened && sealed.value === record.value) return true;
  return linkHash(opened.previous, t, m, record.value ?? new Uint8Array()).equals(opened.hash);
}

/** Most decisions come in few shapes: their types are encoded and split once. When there are too many, all are forgotten. */
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
