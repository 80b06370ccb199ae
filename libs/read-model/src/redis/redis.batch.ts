import type { InputPosition } from '@interlock/projection';
import { type ApprovalRecord, votersOf } from '../approval.fold.js';
import type { Batch } from '../read-store.js';
import { packDecisions, type StoredDecision } from '../stored.decision.js';
import type { Argument } from './redis.connection.js';

/** A batch as the script `store` takes it: what it is about as JSON, then the blobs in the same order. */
export interface RedisBatch {
  readonly inputs: readonly { readonly name: string; readonly next: number }[];
  readonly args: readonly Argument[];
}

/** @param bases where each input stood before the batch; absent: at 0 */
export function redisBatch(batch: Batch, bases: ReadonlyMap<string, number>): RedisBatch {
  const inputs = [...batch.positions].map(([name, input]) => ({
    name,
    base: bases.get(name) ?? 0,
    next: input.position.offset,
    position: positionText(input),
  }));
  const byRun = Map.groupBy(batch.decisions, ({ runId }) => runId);
  const events = [...byRun].map(([run, own]) => {
    const first = own[0]?.seq ?? 0;
    return { run, first, count: (own.at(-1)?.lastSeq ?? 0) - first + 1 };
  });
  const rows = [...batch.runs];
  const approvals = [...batch.approvals];
  const runs = rows.map(({ body, started, ...row }) => ({ ...row, started: String(started) }));
  const about = { inputs, events, runs, approvals: approvals.map(aboutApproval) };
  return {
    inputs,
    args: [
      JSON.stringify(about),
      ...[...byRun.values()].flatMap((own) => own.flatMap(elementsOf)),
      ...rows.map(({ body }) => body),
      ...approvals.map((approval) => JSON.stringify(approval)),
    ],
  };
}

/** Of a run's list: an element for each event, so that its place is its seq. The decision stands in that of its first one; the others are empty. */
const elementsOf = (decision: StoredDecision): Argument[] => [
  packDecisions([decision]),
  ...Array<Argument>(decision.lastSeq - decision.seq).fill(''),
];

const aboutApproval = (approval: ApprovalRecord) => ({
  approval: approval.approvalId,
  run: approval.runId,
  tenant: approval.tenant ?? '',
  status: approval.status,
  opened: String(approval.openedAt),
  seq: approval.lastSeq,
  roles: JSON.stringify(votersOf(approval)),
});

/** Offset first: the script reads it. */
const positionText = ({ position, last, link }: InputPosition): string =>
  `${position.offset} ${position.epoch} ${position.index} ${last} ${Buffer.from(link).toString('hex')}`;

export function parsePosition(text: string): InputPosition {
  const [offset = 0, epoch = -1, index = 0, last = -1] = text.split(' ', 4).map(Number);
  const link = Buffer.from(text.slice(text.lastIndexOf(' ') + 1), 'hex');
  return { position: { offset, epoch, index }, last, link };
}
