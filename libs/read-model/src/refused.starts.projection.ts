import { type MessageOf, QuarantineMessage, quarantineOf, runCommands, StartRun } from '@interlock/contracts';
import type { Projection } from '@interlock/projection';
import { jsonIn } from './json.value.js';

/** Why a start was set aside. */
export interface Refusal {
  readonly requestHash: string;
  readonly code: string;
  readonly message: string;
}

/** A start that the orchestrator has set aside. */
interface RefusedStart extends Refusal {
  readonly runId: string;
}

/** Starts that the orchestrator has set aside, by the run that they would have begun. */
export const refusedStarts: Projection<RefusedStart, Refusal> = {
  name: 'refused starts',
  topic: quarantineOf('orchestrator'),
  /** About 500 bytes each; of more than these the oldest are shown as accepted again. */
  rowsMax: 20_000,
  read({ record, opened }) {
    if (opened?.wires[0] !== QuarantineMessage.wire) return [];
    const { data: said } = QuarantineMessage.schema.safeParse(jsonIn(record.value));
    const refused = said && refusedStart(said);
    return refused === undefined ? [] : [refused];
  },
  key: ({ runId }) => runId,
  apply: (_row, { requestHash, code, message }) => ({ requestHash, code, message }),
};

function refusedStart(said: MessageOf<typeof QuarantineMessage>['data']): RefusedStart | undefined {
  if (said.topic !== runCommands.name || !isStart(said.headers)) return undefined;
  const start = jsonIn(bytesOf(said.value ?? ''));
  if (typeof start !== 'object' || start === null) return undefined;
  const { runId, requestHash } = start as { readonly runId?: unknown; readonly requestHash?: unknown };
  if (typeof runId !== 'string' || typeof requestHash !== 'string') return undefined;
  return { runId, requestHash, code: said.code, message: said.message };
}

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

const isStart = (headers: Readonly<Record<string, string>>): boolean =>
  bytesOf(headers.t ?? '').toString('utf8') === StartRun.wire;
