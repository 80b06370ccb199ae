import type { Accepted } from '@interlock/log';
import { packRecords, unpackRecords } from './record.packing.js';

/** An accepted record of a run, as stored. */
export interface StoredEvent {
  readonly runId: string;
  readonly seq: number;
  /** `type/version` */
  readonly wire: string;
  readonly meta: Uint8Array;
  /** Previous hash and own hash, 64 bytes. */
  readonly link: Uint8Array;
  readonly value: Uint8Array;
}

const empty = new Uint8Array();

export const storedEvent = ({ wire, meta, record }: Accepted): StoredEvent => ({
  runId: meta.run ?? '',
  seq: meta.seq ?? 0,
  wire,
  meta: record.headers.m ?? empty,
  link: record.headers.h ?? empty,
  value: record.value ?? empty,
});

/** Events of one run as one block of bytes. */
export const packEvents = (events: readonly StoredEvent[]): Uint8Array =>
  new Uint8Array(
    packRecords(
      events.map(({ seq, wire, meta, link, value }) => ({
        offset: seq,
        key: wire,
        value,
        headers: { m: meta, h: link },
      })),
    ),
  );

export const unpackEvents = (runId: string, packed: Uint8Array): StoredEvent[] =>
  unpackRecords(packed).map(({ offset, key, value, headers }) => ({
    runId,
    seq: offset,
    wire: key,
    meta: headers.m ?? empty,
    link: headers.h ?? empty,
    value: value ?? empty,
  }));
