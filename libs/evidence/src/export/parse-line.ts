import { isDeepStrictEqual } from 'node:util';
import { type StoredValue, storedValue } from '@interlock/contracts';
import { type Meta, unpackMeta } from '@interlock/log';
import { z } from 'zod';
import { headSchema, type SignedHead } from './head.js';
import type { TextLine } from './lines.js';
import { repeatedKey } from './repeated-key.js';

/** A record of the file whose readable parts agree with its bytes. */
export interface ExportedRecord {
  readonly kind: 'record';
  readonly line: number;
  /** `type/version` of each event, joined by commas. */
  readonly type: string;
  /** With the seq of its first event. */
  readonly meta: Meta & { readonly run: string; readonly seq: number };
  /** Seq of its last event. */
  readonly lastSeq: number;
  /** What is hashed. */
  readonly key: string;
  readonly t: Uint8Array;
  readonly m: Uint8Array;
  readonly value: Uint8Array;
  readonly hash: Uint8Array;
  readonly previous: Uint8Array | undefined;
}

export interface ExportedHead extends SignedHead {
  readonly kind: 'head';
  readonly line: number;
}

/** A value that a record names, and that is kept outside of the log. */
export interface ExportedValue {
  readonly kind: 'value';
  readonly line: number;
  readonly stored: StoredValue;
  readonly bytes: Uint8Array;
}

/** A line that says nothing, or two different things. */
export interface BrokenLine {
  readonly kind: 'broken';
  readonly line: number;
  /** What its metadata say it is, where they can be read. */
  readonly seq?: number;
  readonly code: 'not_a_line' | 'copy_differs';
  readonly what: string;
}

export type ExportedLine = ExportedRecord | ExportedHead | ExportedValue | BrokenLine;

const hexHash = z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 hexadecimal digits');
const base64 = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'is not base64');
const recordSchema = z.strictObject({
  key: z.string(),
  type: z
    .string()
    .regex(/^[a-z][a-z_.]*\/[1-9]\d*(,[a-z][a-z_.]*\/[1-9]\d*)*$/, 'is not a list of type/version'),
  meta: z.record(z.string(), z.unknown()),
  metaBase64: base64,
  dataBase64: base64,
  hash: hexHash,
  previous: hexHash.optional(),
});
const valueSchema = z.strictObject({ value: storedValue, dataBase64: base64 });
const signedHeadSchema = z.strictObject({ head: headSchema, signature: base64 });

/** Reads one line of an export. Whether it is in the right place is not checked here. */
export function parseLine({ line, text }: TextLine): ExportedLine {
  const value = text === undefined ? undefined : jsonOf(text);
  if (text === undefined || !isObject(value)) return notALine(line, 'is not JSON: it was changed or cut off');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) return notALine(line, `says ${JSON.stringify(repeated)} twice`, value);
  if ('head' in value) return headOf(line, value);
  if ('value' in value) return valueOn(line, value);
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) return notALine(line, reasonOf(parsed.error), value);
  return recordOf(line, parsed.data);
}

function recordOf(line: number, record: z.output<typeof recordSchema>): ExportedRecord | BrokenLine {
  const m = Buffer.from(record.metaBase64, 'base64');
  if (!isDeepStrictEqual(jsonOf(m.toString('utf8')), record.meta)) {
    const what = 'its readable metadata differ from the metadata that were hashed';
    return { kind: 'broken', line, ...seqOf(record), code: 'copy_differs', what };
  }
  const meta = unpackMeta(m, record.key);
  if (!isOfRun(meta)) return notALine(line, 'its metadata name no event of a run', record);
  return {
    kind: 'record',
    line,
    type: record.type,
    meta,
    lastSeq: meta.seq + record.type.split(',').length - 1,
    key: record.key,
    t: Buffer.from(record.type),
    m,
    value: Buffer.from(record.dataBase64, 'base64'),
    hash: Buffer.from(record.hash, 'hex'),
    previous: record.previous === undefined ? undefined : Buffer.from(record.previous, 'hex'),
  };
}

function headOf(line: number, value: object): ExportedHead | BrokenLine {
  const parsed = signedHeadSchema.safeParse(value);
  return parsed.success ? { kind: 'head', line, ...parsed.data } : notALine(line, reasonOf(parsed.error));
}

function valueOn(line: number, given: object): ExportedValue | BrokenLine {
  const parsed = valueSchema.safeParse(given);
  if (!parsed.success) return notALine(line, reasonOf(parsed.error));
  const { value: stored, dataBase64 } = parsed.data;
  return { kind: 'value', line, stored, bytes: Buffer.from(dataBase64, 'base64') };
}

const notALine = (line: number, what: string, value: object = {}): BrokenLine => ({
  kind: 'broken',
  line,
  ...seqOf(value),
  code: 'not_a_line',
  what,
});

/** The seq a line says it has, whatever else is wrong with it. */
function seqOf(value: object): { seq?: number } {
  const seq = 'meta' in value && isObject(value.meta) && 'seq' in value.meta ? value.meta.seq : undefined;
  return typeof seq === 'number' ? { seq } : {};
}

const isOfRun = (meta: Meta | undefined): meta is ExportedRecord['meta'] =>
  typeof meta?.run === 'string' && typeof meta.seq === 'number' && meta.epoch >= 0 && meta.index >= 1;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const reasonOf = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined ? 'has another form' : `${issue.path.join('.') || 'the line'}: ${issue.message}`;
