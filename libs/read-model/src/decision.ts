import type { StoredRecord } from '@interlock/broker';
import type { Accepted, Meta, Opened } from '@interlock/log';

/** Where the record of a decision stands in `run.events`, and which events of its run it holds. This is all that is stored of it. */
export interface DecisionPlace {
  readonly partition: number;
  readonly offset: number;
  /** Of its first event. */
  readonly seq: number;
  /** Of its last event. */
  readonly lastSeq: number;
}

/** An accepted record of a run: one decision, whose events have consecutive seqs. */
export interface Decision {
  readonly runId: string;
  /** Of its first event. */
  readonly seq: number;
  /** Of its last event. */
  readonly lastSeq: number;
  /** `type/version` of each event. */
  readonly wires: readonly string[];
  readonly meta: Meta;
  readonly record: StoredRecord;
}

/** A decision that is not stored yet. */
export interface UnstoredDecision extends Decision {
  readonly partition: number;
}

/** undefined: a record of no run. */
export function decisionOf({ wires, meta }: Opened, record: StoredRecord): Decision | undefined {
  const { run: runId, seq } = meta;
  if (runId === undefined || seq === undefined) return undefined;
  return { runId, seq, lastSeq: seq + wires.length - 1, wires, meta, record };
}

export function unstoredDecision(accepted: Accepted, partition: number): UnstoredDecision | undefined {
  const decision = decisionOf(accepted, accepted.record);
  return decision && { ...decision, partition };
}

export const placeOf = ({ partition, record, seq, lastSeq }: UnstoredDecision): DecisionPlace => ({
  partition,
  offset: record.offset,
  seq,
  lastSeq,
});

/** Bytes of its value: most of what a decision takes. */
export const bytesOf = ({ record }: Decision): number => record.value?.length ?? 0;
