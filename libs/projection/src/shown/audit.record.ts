import type { NewRecord } from '@interlock/broker';
import { auditHeaders, auditPlaceOf, auditTypeOf, instantText } from '@interlock/contracts';
import { type Accepted, type Meta, metaOfPart, type Position } from '@interlock/log';

/** Who the events are from, whichever process copies them: no attribute may depend on that. */
const SOURCE = '/interlock/run.events';
const fixed = new Map<string, Readonly<Record<string, Buffer>>>();

/** An accepted record that tells of a run. */
export type RunRecord = Accepted & { readonly meta: Meta & { readonly run: string; readonly seq: number } };

export const isOfRun = (accepted: Accepted): accepted is RunRecord =>
  accepted.meta.run !== undefined && accepted.meta.seq !== undefined;

/** What is shown of one event: a part of a record of `run.events`. */
export interface ShownEvent {
  /** `type/version` */
  readonly wire: string;
  /** From 0. */
  readonly part: number;
  /** Its data. */
  readonly value: Uint8Array;
}

/**
 * The record of the audit stream for one event: CloudEvents 1.0, Kafka binary binding. Equal for equal events, byte for byte. Events
 * of one record share its hash, so each follows the hash that the one in front of it has.
 */
export function auditRecord(
  { meta: ofRecord, record, offset, previous, hash }: RunRecord,
  { wire, part, value }: ShownEvent,
): NewRecord {
  const { run, time, cause, tenant, traceparent, epoch, index } = ofRecord;
  const { id, seq = 0 } = metaOfPart(ofRecord, part);
  const headers: Record<string, Uint8Array> = {
    ...fixedOf(wire),
    [auditHeaders.id]: Buffer.from(id),
    [auditHeaders.subject]: Buffer.from(run),
    [auditHeaders.time]: Buffer.from(instantText(time)),
    [auditHeaders.seq]: Buffer.from(String(seq)),
    [auditHeaders.correlationid]: Buffer.from(record.key),
    [auditHeaders.prevhash]: hex(part === 0 ? previous : hash),
    [auditHeaders.hash]: hex(hash),
    [auditHeaders.sourceoffset]: Buffer.from(String(offset)),
    [auditHeaders.sourceepoch]: Buffer.from(String(epoch)),
    [auditHeaders.sourceindex]: Buffer.from(String(index)),
  };
  if (cause !== undefined) headers[auditHeaders.causationid] = Buffer.from(cause);
  if (tenant !== undefined) headers[auditHeaders.tenant] = Buffer.from(tenant);
  if (traceparent !== undefined) headers[auditHeaders.traceparent] = Buffer.from(traceparent);
  return { key: record.key, headers, value };
}

/**
 * Where in `run.events` the stream goes on behind this record, and the hash of the record it tells of. All events of a record are
 * published by one append. Undefined: it tells of none.
 */
export function sourceOf({
  headers,
}: NewRecord): { readonly next: Position; readonly hash: string } | undefined {
  const place = auditPlaceOf(headers);
  if (place !== undefined) {
    const { hash, ...next } = place;
    return { next, hash };
  }
  const offset = count(headers[auditHeaders.sourceoffset]);
  const epoch = count(headers[auditHeaders.sourceepoch]);
  const index = count(headers[auditHeaders.sourceindex]);
  const hash = headers[auditHeaders.hash];
  if (offset === undefined || epoch === undefined || index === undefined || hash === undefined)
    return undefined;
  return { next: { offset: offset + 1, epoch, index }, hash: text(hash) };
}

function fixedOf(wire: string): Readonly<Record<string, Buffer>> {
  let headers = fixed.get(wire);
  if (headers === undefined) {
    headers = {
      [auditHeaders.contentType]: Buffer.from('application/json'),
      [auditHeaders.specversion]: Buffer.from('1.0'),
      [auditHeaders.source]: Buffer.from(SOURCE),
      [auditHeaders.type]: Buffer.from(auditTypeOf(wire)),
    };
    fixed.set(wire, headers);
  }
  return headers;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const hex = (bytes: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'));

function count(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined || !/^\d+$/.test(text(bytes))) return undefined;
  const number = Number(text(bytes));
  return Number.isSafeInteger(number) ? number : undefined;
}
