import { runEvents } from '@interlock/contracts';
import { GENESIS, metaOfPart } from '@interlock/log';
import type { Projection } from '@interlock/projection';
import { isOfRun, type RunRecord } from '@interlock/projection';

/** The last event of a run as it was folded. */
export interface ChainEnd {
  readonly rootRunId: string;
  readonly runId: string;
  readonly seq: number;
  /** Of its record, hexadecimal. */
  readonly hash: string;
  /** Of the event, UTC ms. */
  readonly time: number;
}

/**
 * The chain of every run of a partition, folded from its first record on. What does not follow from what was folded before breaks the
 * chain for good, so it is never signed: the fenced log alone says what happened, and no cache, not even one of ours.
 */
export const runChains: Projection<RunRecord, ChainEnd | 'broken'> = {
  name: 'run chains',
  topic: runEvents,
  /** About 300 bytes each. Of a run that is forgotten nothing more is signed. */
  rowsMax: 500_000,
  read({ record, opened }) {
    const accepted = opened && { ...opened, record, offset: record.offset };
    return accepted !== undefined && isOfRun(accepted) ? [accepted] : [];
  },
  key: ({ meta }) => meta.run,
  apply: (before, event) => (follows(before, event) ? endOf(event) : 'broken'),
};

const genesis = { seq: 0, hash: hexOf(GENESIS) };

function follows(before: ChainEnd | 'broken' | undefined, { meta, previous }: RunRecord): boolean {
  if (before === 'broken') return false;
  const { seq, hash } = before ?? genesis;
  return meta.seq === seq + 1 && hexOf(previous) === hash;
}

function endOf({ meta, wires, record, hash }: RunRecord): ChainEnd {
  const { seq = 0 } = metaOfPart(meta, wires.length - 1);
  return { rootRunId: record.key, runId: meta.run, seq, hash: hexOf(hash), time: meta.time };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
