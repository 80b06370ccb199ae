import { auditEvents, auditHeaders, auditTypeOf, type MessageOf, RunHead } from '@interlock/contracts';
import type { Projection } from '@interlock/projection';
import { jsonIn } from './json.value.js';

/** The signed head of a run, as the last line of an export. */
export interface KnownHead {
  readonly seq: number;
  readonly line: string;
}

type SignedHead = MessageOf<typeof RunHead>['data'];

const TYPE = auditTypeOf(RunHead.wire);

/** The latest signed head of each run, as the audit stream tells it. What is not a head says nothing here. */
export const latestHeads: Projection<SignedHead, KnownHead> = {
  name: 'heads',
  topic: auditEvents,
  /** About 600 bytes each. The head of a run that is forgotten comes back when the run moves or the gateway starts anew. */
  rowsMax: 200_000,
  read({ record: { headers, value } }) {
    if (text(headers[auditHeaders.type]) !== TYPE) return [];
    const { data } = RunHead.schema.safeParse(jsonIn(value));
    return data === undefined ? [] : [data];
  },
  key: ({ head }) => head.runId,
  apply: (known, { head, signature }) =>
    known !== undefined && known.seq >= head.seq
      ? known
      : { seq: head.seq, line: JSON.stringify({ head, signature }) },
};

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
