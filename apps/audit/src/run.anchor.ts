import type { KeyFile } from '@interlock/authority';
import type { NewRecord } from '@interlock/broker';
import { auditHeaders, auditTypeOf, RunHead } from '@interlock/contracts';
import { signHead } from '@interlock/evidence';
import type { ChainEnd } from './run.chains.js';

const SOURCE = Buffer.from('/interlock/audit');
const TYPE = Buffer.from(auditTypeOf(RunHead.wire));
const CONTENT_TYPE = Buffer.from('application/json');
const SPEC_VERSION = Buffer.from('1.0');

/** The signed head of a run as a record of the audit stream. */
export type Anchor = (end: ChainEnd) => NewRecord;

/**
 * Signs the head of a run. Whoever keeps the stream can tell later that an export of the run is the one of then, whoever holds the
 * key by that time. Equal for equal ends as long as the key is the same; without a seq, so that nobody takes it for an event.
 */
export const anchorsOf =
  (keys: Pick<KeyFile, 'current'>): Anchor =>
  ({ rootRunId, runId, seq, hash, time: at, eventId }) => {
    const time = new Date(at).toISOString();
    const { data } = RunHead(signHead({ runId, seq, hash, time }, keys.current));
    return {
      key: rootRunId,
      headers: {
        [auditHeaders.contentType]: CONTENT_TYPE,
        [auditHeaders.specversion]: SPEC_VERSION,
        [auditHeaders.source]: SOURCE,
        [auditHeaders.type]: TYPE,
        [auditHeaders.id]: Buffer.from(`${eventId}/head`),
        [auditHeaders.subject]: Buffer.from(runId),
        [auditHeaders.time]: Buffer.from(time),
        [auditHeaders.correlationid]: Buffer.from(rootRunId),
        [auditHeaders.causationid]: Buffer.from(eventId),
      },
      value: Buffer.from(JSON.stringify(data)),
    };
  };
