/**
 * Which of two neighbours is the wrong one, and what happened to it.
 *
 * A hash covers the record and the hash before it, so a break shows between two records. Three things tell which one
 * it was: `previous`, the hash a record was written behind; whether the next line continues from it; and its seq and claim.
 */
import type { ExportedLine, ExportedRecord } from '../export/parse-line.js';
import { continues, hashBehind, isBehind, isOlder, type Place } from './place.js';
import type { Problem } from './verdict.js';

/** What is wrong with `record` behind `before`; undefined: nothing. */
export function problemOf(
  before: Place,
  record: ExportedRecord,
  next: ExportedLine | undefined,
): Problem | undefined {
  if (before.run !== undefined && record.meta.run !== before.run) return otherRun(before, record, next);
  if (isBehind(before.hash, record) && record.meta.seq === before.seq + 1) return outOfOrder(before, record);
  if (isChanged(before, record)) return changed(before, record, next);
  if (record.meta.seq !== before.seq + 1) return wrongSeq(before, record);
  return notBehind(before, record, next);
}

/** It was written here, by its `previous`, but its bytes or its hash were changed. */
function isChanged({ hash }: Place, { previous, ...record }: ExportedRecord): boolean {
  if (previous === undefined) return false;
  return Buffer.from(previous).equals(hash) || !isBehind(previous, { ...record, previous });
}

function changed(before: Place, record: ExportedRecord, next: ExportedLine | undefined): Problem {
  const { line: at, meta, type } = record;
  const { seq } = before.run === undefined ? meta : { seq: before.seq + 1 };
  if (continues(hashBehind(before.hash, record), next)) {
    return { code: 'hash_changed', at, seq, what: `the hash of event ${seq} (${type}) was changed` };
  }
  return {
    code: 'changed',
    at,
    seq,
    what: `event ${seq} (${type}) was changed: its bytes do not fit its hash`,
  };
}

/** The record is whole as far as can be seen, but it was not written behind the one in front of it. */
function notBehind(before: Place, record: ExportedRecord, next: ExportedLine | undefined): Problem {
  const { line: at, meta, type, previous } = record;
  const { seq, epoch } = meta;
  if (isOlder(record, before)) return deposed(at, seq, type, `claim ${before.epoch} had already taken over`);
  if (previous === undefined) return changed(before, record, next);
  if (before.run === undefined || !continues(record.hash, next)) {
    const what = `event ${seq} (${type}) was not written behind event ${before.seq}: another one stands in its place`;
    return { code: 'replaced', at, seq, what };
  }
  if (before.epoch < epoch) {
    return deposed(
      before.line,
      before.seq,
      '',
      `event ${seq}, of claim ${epoch}, was written behind another one`,
    );
  }
  const what = `event ${before.seq} is not the one that event ${seq} was written behind: another one stands in its place`;
  return { code: 'replaced', at: before.line, seq: before.seq, what };
}

function wrongSeq(before: Place, record: ExportedRecord): Problem {
  const { line: at, meta, type } = record;
  const { seq } = meta;
  const expected = before.seq + 1;
  if (seq > expected) {
    return {
      code: 'missing',
      at,
      seq: expected,
      what: `event ${expected} is missing: event ${seq} follows event ${before.seq}`,
    };
  }
  if (Buffer.from(record.hash).equals(before.hash)) {
    return { code: 'added', at, seq, what: `event ${seq} (${type}) stands here a second time` };
  }
  if (seq === before.firstSeq && before.hashBefore !== undefined && isBehind(before.hashBefore, record)) {
    const code = record.meta.epoch > before.epoch ? 'deposed' : 'added';
    return {
      code,
      at: before.line,
      seq,
      what: `two records stand for event ${seq}, and the first of them was added`,
    };
  }
  return { code: 'added', at, seq, what: `event ${seq} (${type}) was added: event ${expected} belongs here` };
}

function otherRun(before: Place, record: ExportedRecord, next: ExportedLine | undefined): Problem {
  const isFirst = before.firstSeq === 1 && next?.kind === 'record' && next.meta.run === record.meta.run;
  const [at, seq, run] = isFirst
    ? [before.line, before.seq, before.run]
    : [record.line, record.meta.seq, record.meta.run];
  const what = `a record of another run, event ${seq} of ${run}, was put in`;
  return { code: 'other_run', at, seq: isFirst ? before.seq : before.seq + 1, what };
}

/** It fits its neighbours, but no host would have written it here. */
function outOfOrder(before: Place, record: ExportedRecord): Problem | undefined {
  const { line: at, meta, type } = record;
  const { seq, time } = meta;
  if (isOlder(record, before)) return deposed(at, seq, type, `claim ${before.epoch} had already taken over`);
  if (time >= before.time) return undefined;
  return { code: 'time_reversed', at, seq, what: `event ${seq} (${type}) is older than event ${before.seq}` };
}

function deposed(at: number, seq: number, type: string, because: string): Problem {
  const name = type === '' ? `event ${seq}` : `event ${seq} (${type})`;
  return {
    code: 'deposed',
    at,
    seq,
    what: `${name} is a record of a deposed host in place of the accepted one: ${because}`,
  };
}
