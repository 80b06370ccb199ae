import type { NewRecord } from '@interlock/broker';
import { auditHeaders, auditTypeOf } from '@interlock/contracts';
import type { Accepted, Meta, Position } from '@interlock/log';

/** Who the events are from, whichever process copies them: no attribute may depend on that. */
const SOURCE = '/interlock/run.events';
const fixed = new Map<string, Readonly<Record<string, Buffer>>>();

/** An accepted record that tells of a run. */
export type RunRecord = Accepted & { readonly meta: Meta & { readonly run: string; readonly seq: number } };

export const isOfRun = (accepted: Accepted): accepted is RunRecord =>
  accepted.meta.run !== undefined && accepted.meta.seq !== undefined;

/**
 * The record of the audit stream for one of `run.events`: CloudEvents 1.0, Kafka binary binding. Equal for equal records, byte for byte.
 * @param value what is shown of its data
 */
export function auditRecord(
  { wire, meta, record, offset, previous, hash }: RunRecord,
  value: Uint8Array,
): NewRecord {
  const { id, run, seq, time, cause, tenant, traceparent, epoch, index } = meta;
  const headers: Record<string, Uint8Array> = {
    ...fixedOf(wire),
    [auditHeaders.id]: Buffer.from(id),
    [auditHeaders.subject]: Buffer.from(run),
    [auditHeaders.time]: Buffer.from(new Date(time).toISOString()),
    [auditHeaders.seq]: Buffer.from(String(seq)),
    [auditHeaders.correlationid]: Buffer.from(record.key),
    [auditHeaders.prevhash]: hex(previous),
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

/** Where in `run.events` the stream goes on behind this record, and the hash of the event it tells of. Undefined: it tells of none. */
export function sourceOf({
  headers,
}: NewRecord): { readonly next: Position; readonly hash: string } | undefined {
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
