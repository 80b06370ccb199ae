import { GENESIS, linkHash } from '@interlock/log';
import type { ExportedLine, ExportedRecord } from '../export/parse-line.js';

/** Where a record stands: what the next one must follow. */
export interface Place {
  readonly line: number;
  readonly run: string | undefined;
  /** Of its last event. */
  readonly seq: number;
  /** Of its first event. */
  readonly firstSeq: number;
  readonly hash: Uint8Array;
  /** Hash of the record in front of this one. */
  readonly hashBefore: Uint8Array | undefined;
  readonly epoch: number;
  readonly index: number;
  /** UTC ms */
  readonly time: number;
}

export const start: Place = {
  line: 0,
  run: undefined,
  seq: 0,
  firstSeq: 0,
  hash: GENESIS,
  hashBefore: undefined,
  epoch: -1,
  index: 0,
  time: 0,
};

export const placeOf = ({ line, meta, lastSeq, hash }: ExportedRecord, before: Place): Place => {
  const { run, seq: firstSeq, epoch, index, time } = meta;
  return { line, run, seq: lastSeq, firstSeq, hash, hashBefore: before.hash, epoch, index, time };
};

export const hashBehind = (previous: Uint8Array, record: ExportedRecord): Buffer =>
  linkHash(previous, record);

/** Whether the record's hash is the one it has behind `previous`. */
export const isBehind = (previous: Uint8Array, record: ExportedRecord): boolean =>
  hashBehind(previous, record).equals(record.hash);

/** Whether the line that comes next was written behind a record of this hash. */
export const continues = (hash: Uint8Array, next: ExportedLine | undefined): boolean =>
  (next?.kind === 'record' && isBehind(hash, next)) ||
  (next?.kind === 'head' && next.head.hash === Buffer.from(hash).toString('hex'));

/** Whether it was written under an earlier claim, or earlier under the same one, than what stands in front of it. */
export const isOlder = ({ meta }: ExportedRecord, { epoch, index }: Place): boolean =>
  meta.epoch < epoch || (meta.epoch === epoch && meta.index <= index);
