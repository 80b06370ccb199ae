import { GENESIS } from '@interlock/log';
import type { RunRecord } from './audit.record.js';

/** The last event of a run as it was folded. */
export interface ChainEnd {
  readonly rootRunId: string;
  readonly runId: string;
  readonly seq: number;
  /** Of the event, hexadecimal. */
  readonly hash: string;
  /** Of the event, UTC ms. */
  readonly time: number;
  readonly eventId: string;
}

/** About 300 bytes each. Of a run that is forgotten nothing more is signed. */
const RUNS_MAX = 500_000;
const genesis = hexOf(GENESIS);

/**
 * The chain of every run of a partition, folded from its first record on. What does not follow from what was folded before has no
 * end here, so it is never signed: the fenced log alone says what happened, and no cache, not even one of ours.
 */
export class RunChains {
  /** The run that moved last is the last; undefined: it does not follow from its first event. */
  readonly #ends = new Map<string, ChainEnd | undefined>();

  take({ meta, record, previous, hash }: RunRecord): void {
    const { run: runId, seq, time, id: eventId } = meta;
    const before = this.#ends.get(runId);
    const isKnown = this.#ends.has(runId);
    const expected = before === undefined ? { seq: 0, hash: genesis } : before;
    const follows =
      (before !== undefined || !isKnown) && seq === expected.seq + 1 && hexOf(previous) === expected.hash;
    const end = { rootRunId: record.key, runId, seq, hash: hexOf(hash), time, eventId };
    this.#ends.delete(runId);
    this.#ends.set(runId, follows ? end : undefined);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > RUNS_MAX && oldest !== undefined) this.#ends.delete(oldest);
  }

  /** Undefined: nothing of it may be signed. */
  endOf(runId: string): ChainEnd | undefined {
    return this.#ends.get(runId);
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
