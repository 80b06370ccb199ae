import type { InputPosition } from '@interlock/projection';
import { type ApprovalRecord, votersOf } from '../approval.fold.js';
import type { DecisionPlace } from '../decision.js';
import type { Batch } from '../read-store.js';
import type { RunFacets } from '../search/run.facets.js';
import type { Argument } from './redis.connection.js';
import { runIndexes } from './redis.indexes.js';

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
  const events = [...batch.places].map(([run, places]) => ({
    run,
    first: places[0]?.seq ?? 0,
    places: places.flatMap(elementsOf),
  }));
  const rows = [...batch.runs];
  const approvals = [...batch.approvals];
  const runs = rows.map(({ body, started, words, ...row }) => ({
    ...row,
    started: String(started),
    indexes: JSON.stringify(runIndexes(JSON.parse(row.facets) as RunFacets)),
  }));
  const about = { inputs, events, runs, approvals: approvals.map(aboutApproval) };
  return {
    inputs,
    args: [
      JSON.stringify(about),
      ...rows.map(({ body }) => body),
      ...approvals.map((approval) => JSON.stringify(approval)),
    ],
  };
}

/**
 * Of a run's list: an element for each event, so that its place in the list is its seq. Partition and offset of its decision, how many
 * events of it come before, and how many it has.
 */
const elementsOf = ({ partition, offset, seq, lastSeq }: DecisionPlace): string[] =>
  Array.from({ length: lastSeq - seq + 1 }, (_, at) => `${partition} ${offset} ${at} ${lastSeq - seq + 1}`);

/** @param seq of the event whose element it is */
export function parseElement(text: string, seq: number): DecisionPlace {
  const [partition = 0, offset = 0, before = 0, count = 1] = text.split(' ').map(Number);
  return { partition, offset, seq: seq - before, lastSeq: seq - before + count - 1 };
}

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
