import type { KeyFile } from '@interlock/authority';
import type { NewRecord } from '@interlock/broker';
import {
  type AuditPlace,
  auditHeaders,
  auditTypeOf,
  instantText,
  type MessageOf,
  placedHeaders,
  RunHead,
} from '@interlock/contracts';
import { signHead } from '@interlock/evidence';
import { eventId } from '@interlock/log';
import type { ChainEnd } from './run.chains.js';

export const HEAD_TYPE = auditTypeOf(RunHead.wire);
const fixed = {
  [auditHeaders.contentType]: Buffer.from('application/json'),
  [auditHeaders.specversion]: Buffer.from('1.0'),
  [auditHeaders.source]: Buffer.from('/interlock/audit'),
  [auditHeaders.type]: Buffer.from(HEAD_TYPE),
};

/** The signed head of a run as a record of the audit stream. */
export type Anchor = (end: ChainEnd) => NewRecord;

/**
 * Signs the head of a run. Whoever keeps the stream can tell later that an export of the run is the one of then, whoever holds the
 * key by that time. Equal for equal ends as long as the key is the same; without a seq, so that nobody takes it for an event.
 */
export const anchorsOf =
  (keys: Pick<KeyFile, 'current'>): Anchor =>
  ({ rootRunId, runId, seq, hash, time: at }) => {
    const time = instantText(at);
    const { data } = RunHead(signHead({ runId, seq, hash, time }, keys.current));
    return headRecord(rootRunId, data, Buffer.from(JSON.stringify(data)));
  };

/** A head as it is stored where events are not; the last one of an append says how far the stream goes. */
export const storedHead = ({ key, value }: NewRecord, at?: AuditPlace): NewRecord => ({
  key,
  headers: placedHeaders(HEAD_TYPE, at),
  value,
});

/** The very record that `storedHead` was made from. */
export function wholeHead({ key, value }: NewRecord): NewRecord {
  const bytes = Buffer.from(value ?? []);
  return headRecord(key, RunHead.schema.parse(JSON.parse(bytes.toString('utf8'))), bytes);
}

function headRecord(
  rootRunId: string,
  { head }: MessageOf<typeof RunHead>['data'],
  value: Buffer,
): NewRecord {
  const id = eventId(head.runId, head.seq);
  const headers = {
    ...fixed,
    [auditHeaders.id]: Buffer.from(`${id}/head`),
    [auditHeaders.subject]: Buffer.from(head.runId),
    [auditHeaders.time]: Buffer.from(head.time),
    [auditHeaders.correlationid]: Buffer.from(rootRunId),
    [auditHeaders.causationid]: Buffer.from(id),
  };
  return { key: rootRunId, headers, value };
}
