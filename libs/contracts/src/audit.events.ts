import { z } from 'zod';
import { defineEvent, type MessageDefinition } from './define.js';
import { runLifeEvents } from './run.events.js';

/** Of the public contract: types, attributes, ordering. Minor: something was added; major: something a consumer may rest on changed. */
export const AUDIT_VERSION = '1.0.0';

/** `call.requested/1` is `interlock.call.requested.v1` on the audit stream. */
export const auditTypeOf = (wire: string): string => `interlock.${wire.replace('/', '.v')}`;

/**
 * The signed head of a run: at `time`, its first `seq` events ended with this hash. One follows behind every append that tells of the
 * run. It is signed by who folded the fenced log, and by nobody else. Its record carries no seq, so nobody takes it for an event.
 */
export const RunHead = defineEvent(
  'head',
  1,
  z.object({
    head: z.object({
      runId: z.string(),
      seq: z.number().int().min(1).describe('Of the last event'),
      hash: z.string().describe('Of that event, hexadecimal'),
      time: z.iso.datetime().describe('Of that event'),
      keyId: z.string().describe('Of the Ed25519 key'),
    }),
    signature: z.string().describe('Ed25519 over the RFC 8785 JSON of `head`, base64'),
  }),
);

/** Everything that may be on the audit stream, older versions aside. */
export const auditDefinitions: readonly MessageDefinition[] = [...runLifeEvents, RunHead];

/** Attributes of a record of the audit stream: names of CloudEvents 1.0 and extensions of ours, as Kafka headers. */
export const auditHeaders = {
  contentType: 'content-type',
  specversion: 'ce_specversion',
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  /** The run. */
  subject: 'ce_subject',
  time: 'ce_time',
  /** Place of the event in its run, from 1 without a gap. */
  seq: 'ce_seq',
  /** The root run: runs of one family correlate. */
  correlationid: 'ce_correlationid',
  /** Id of what it follows from. */
  causationid: 'ce_causationid',
  tenant: 'ce_tenant',
  traceparent: 'ce_traceparent',
  /** Hash chain of the run, hexadecimal: ties the record to an export of the run. */
  prevhash: 'ce_prevhash',
  hash: 'ce_hash',
  /** Where the event is in `run.events`, in the partition of the same number. */
  sourceoffset: 'ce_sourceoffset',
  sourceepoch: 'ce_sourceepoch',
  sourceindex: 'ce_sourceindex',
} as const;
