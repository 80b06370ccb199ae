/**
 * One record holds one decision. What it consists of are its parts.
 *
 * 1. `t` lists the types of the parts in order: a reader can pass a record over without parsing its value.
 * 2. A record of one part has that part's data as its value; a record of several has a JSON array, one element a part.
 * 3. Parts of a numbered log have consecutive seqs, and their ids are derived from them. Elsewhere the first part has the id of the
 *    record, and the others have it with a dot and their place, from 1.
 * 4. In the value an id of a part of the record's own run is its seq. Whoever reads or writes parts here sees whole ids.
 */
import { BrokenMessageError, errorText, readData, storedData } from '@interlock/contracts';
import { eventId, type Meta } from './meta.js';
import type { Opened } from './record.js';

/** One part of a record. */
export interface Part {
  /** `type/version` */
  readonly wire: string;
  /** Of the record, with the id and the seq of this part. */
  readonly meta: Meta;
  /** From 0. */
  readonly part: number;
  /** As it was parsed, with whole ids: not yet held against its schema. */
  readonly data: unknown;
}

/** The value of a record of `run` that has these parts. */
export function recordValue(parts: readonly Pick<Part, 'wire' | 'data'>[], run?: string): Buffer {
  const data = parts.map(({ wire, data }) => storedData(wire, data, run));
  return Buffer.from(JSON.stringify(data.length === 1 ? (data[0] ?? null) : data));
}

/**
 * The parts of a record, in order. Their data are frozen, because all readers in this process that hold the same bytes share them.
 * @throws {BrokenMessageError} its value is not JSON, or it has a different number of elements than the record has types
 */
export function partsOf({ wires, meta }: Pick<Opened, 'wires' | 'meta'>, value: Uint8Array | null): Part[] {
  const data = (value && parsedBefore(wires, meta.run, value)) ?? parsedNow(wires, meta.run, value);
  return wires.map((wire, part) => ({ wire, meta: metaOfPart(meta, part), part, data: data[part] }));
}

/**
 * What this process has parsed and still holds, by its bytes: a broker that is part of the process gives all its readers the same ones.
 * It is only that for the same types and the same run.
 */
const parsedHere = new WeakMap<
  Uint8Array,
  { readonly wires: readonly string[]; readonly run: string | undefined; readonly data: readonly unknown[] }
>();

function parsedBefore(
  wires: readonly string[],
  run: string | undefined,
  value: Uint8Array,
): readonly unknown[] | undefined {
  const known = parsedHere.get(value);
  return known?.wires === wires && known.run === run ? known.data : undefined;
}

function parsedNow(
  wires: readonly string[],
  run: string | undefined,
  value: Uint8Array | null,
): readonly unknown[] {
  const read = dataOf(wires, value);
  const data = wires.map((wire, part) => Object.freeze(readData(wire, read[part], run)));
  if (value !== null) parsedHere.set(value, { wires, run, data });
  return data;
}

/** The metadata of one part, from 0, of the record with `meta`. */
export function metaOfPart(meta: Meta, part: number): Meta {
  if (part === 0) return meta;
  const { run, seq } = meta;
  if (run === undefined || seq === undefined) return { ...meta, id: `${meta.id}.${part}` };
  return { ...meta, id: eventId(run, seq + part), seq: seq + part };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function dataOf(wires: readonly string[], value: Uint8Array | null): readonly unknown[] {
  const wire = wires.join(',');
  let data: unknown;
  try {
    data = JSON.parse(decoder.decode(value ?? new Uint8Array()));
  } catch (error) {
    throw new BrokenMessageError(wire, errorText(error));
  }
  if (wires.length === 1) return [data];
  if (Array.isArray(data) && data.length === wires.length) return data;
  throw new BrokenMessageError(wire, `a record of ${wires.length} parts holds a list of as many`);
}
