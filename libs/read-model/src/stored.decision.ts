import type { Accepted } from '@interlock/log';
import { packRecords, unpackRecords } from './record.packing.js';

/** An accepted record of a run, as stored: one decision, whose events have consecutive seqs. */
export interface StoredDecision {
  readonly runId: string;
  /** Of its first event. */
  readonly seq: number;
  /** Of its last event. */
  readonly lastSeq: number;
  /** `type/version` of each event, joined by commas: the text of the `t` header. */
  readonly wire: string;
  readonly meta: Uint8Array;
  /** Previous hash and own hash, 64 bytes. */
  readonly link: Uint8Array;
  readonly value: Uint8Array;
}

const empty = new Uint8Array();

export const storedDecision = ({ wires, meta, record }: Accepted): StoredDecision => ({
  runId: meta.run ?? '',
  seq: meta.seq ?? 0,
  lastSeq: (meta.seq ?? 0) + wires.length - 1,
  wire: wires.join(','),
  meta: record.headers.m ?? empty,
  link: record.headers.h ?? empty,
  value: record.value ?? empty,
});

/** Decisions of one run as one block of bytes. */
export const packDecisions = (decisions: readonly StoredDecision[]): Uint8Array =>
  new Uint8Array(
    packRecords(
      decisions.map(({ seq, wire, meta, link, value }) => ({
        offset: seq,
        key: wire,
        value,
        headers: { m: meta, h: link },
      })),
    ),
  );

export const unpackDecisions = (runId: string, packed: Uint8Array): StoredDecision[] =>
  unpackRecords(packed).map(({ offset, key, value, headers }) => ({
    runId,
    seq: offset,
    lastSeq: offset + key.split(',').length - 1,
    wire: key,
    meta: headers.m ?? empty,
    link: headers.h ?? empty,
    value: value ?? empty,
  }));
