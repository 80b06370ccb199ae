import type { KeyFile } from '@interlock/authority';
import type { NewRecord } from '@interlock/broker';
import { auditHeaders, auditTypeOf, RunHead, terminalEventTypes } from '@interlock/contracts';
import { signHead } from '@interlock/evidence';
import type { RunRecord } from './audit.record.js';

const SOURCE = Buffer.from('/interlock/telemetry');
const TYPE = Buffer.from(auditTypeOf(RunHead.wire));
const CONTENT_TYPE = Buffer.from('application/json');
const SPEC_VERSION = Buffer.from('1.0');

/** What follows an event of `run.events` on the audit stream, in the same append. */
export type Anchor = (event: RunRecord) => NewRecord | undefined;

/**
 * Signs the head of every run that ends. Whoever keeps the stream can tell later that an export of the run is the one of then, whoever
 * holds the key by that time. Equal for equal events as long as the key is the same; without a seq, so that nobody takes it for an event.
 */
export const anchorsOf =
  (keys: Pick<KeyFile, 'current'>): Anchor =>
  ({ wire, meta, record, hash }) => {
    if (!terminalEventTypes.has(wire.slice(0, wire.lastIndexOf('/')))) return undefined;
    const time = new Date(meta.time).toISOString();
    const head = {
      runId: meta.run,
      seq: meta.seq,
      hash: Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex'),
      time,
    };
    const { data } = RunHead(signHead(head, keys.current));
    return {
      key: record.key,
      headers: {
        [auditHeaders.contentType]: CONTENT_TYPE,
        [auditHeaders.specversion]: SPEC_VERSION,
        [auditHeaders.source]: SOURCE,
        [auditHeaders.type]: TYPE,
        [auditHeaders.id]: Buffer.from(`${meta.id}/head`),
        [auditHeaders.subject]: Buffer.from(meta.run),
        [auditHeaders.time]: Buffer.from(time),
        [auditHeaders.correlationid]: Buffer.from(record.key),
        [auditHeaders.causationid]: Buffer.from(meta.id),
      },
      value: Buffer.from(JSON.stringify(data)),
    };
  };
