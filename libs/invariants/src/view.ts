import type { ReadRecord } from '@interlock/log';
import type { Reading } from './reading.js';

/** Everything the checker is told. Nothing in it belongs to one broker or to the simulator. */
export interface View {
  /** Every record that was ever stored in each topic, by partition and in order: those no reader accepts, and those cut away since, too. */
  readonly topics: ReadonlyMap<string, readonly (readonly ReadRecord[])[]>;
  /** When a record became readable, ms, by one clock. Absent: nobody knows, and what needs it is not checked. */
  readonly landedAt?: (topic: string, partition: number, offset: number) => number | undefined;
  /** What a recording target saw, in its own order. Absent: there was none. */
  readonly requests?: readonly TargetRequest[];
  /** Every command that was sent and arrived, whether or not it was valid. */
  readonly commands?: readonly SentCommand[];
  /** States of runs as running hosts hold them. */
  readonly live?: readonly LiveRun[];
  /** Faults have stopped and everything had its time: what is still open now stays open. */
  readonly ended: boolean;
}

/** One request as it reached the system behind a tool. */
export interface TargetRequest {
  /** Idempotency key: the call's hash. */
  readonly key: string;
  readonly tool: string;
  readonly kind: 'read' | 'write';
  /** By the clock of `landedAt`, ms. */
  readonly at: number;
  /** Something changed because of it; false: a read, a refusal, or a repeat that the target knew. */
  readonly tookEffect: boolean;
  /** Key of the write that it takes back; null: it takes none back. Absent: its target does not tell. */
  readonly undoes?: string | null;
}

export interface SentCommand {
  readonly commandId: string;
  readonly type: string;
  readonly runId: string;
}

export interface LiveRun {
  readonly runId: string;
  readonly seq: number;
  readonly stateHash: string;
}

/** An invariant that does not hold, with what to look at. */
export interface Violation {
  /** `I1` to `I22` of the quality document. */
  readonly invariant: string;
  readonly message: string;
  readonly run?: string;
}

/** One invariant: pure, over what was read. */
export type Invariant = (reading: Reading) => Violation[];
