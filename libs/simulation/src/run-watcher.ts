import type { RecordedEvent } from '@interlock/actors';
import type { SimulatedCluster } from '@interlock/broker/simulated';
import type { RunEvent } from '@interlock/contracts';
import { CorruptLogError, FencedReader, partsOf } from '@interlock/log';
import { describeRun, evolve, type Run, type RunState } from '@interlock/run';

/** Something people are asked, as their inbox shows it. */
export interface Asked {
  readonly approvalId: string;
  readonly runId: string;
  readonly callHash: string;
  /** How it was settled. Absent: it is open. */
  readonly settled?: string;
}

const settling: ReadonlySet<string> = new Set(['granted', 'denied', 'expired', 'withdrawn']);

/** A run, and what it has requested. */
export interface Watched {
  readonly runId: string;
  state: RunState;
  /** Call hash of the latest request of each step's own call, or of the one that undoes it. */
  readonly callOf: Map<string, string>;
}

/** The runs as anybody can read them in the log. */
export class RunWatcher {
  readonly runs = new Map<string, Watched>();
  /** Everything that was opened, by approval. */
  readonly asked = new Map<string, Asked>();
  /** Events that no run can have written there. */
  readonly impossible: string[] = [];
  /** Events read so far. */
  events = 0;
  readonly #readers: FencedReader[];

  constructor(
    readonly cluster: SimulatedCluster,
    partitions: number,
  ) {
    this.#readers = Array.from(
      { length: partitions },
      (_, partition) => new FencedReader('run.events', partition),
    );
  }

  /** Reads what has come since. */
  read(): void {
    for (const reader of this.#readers) {
      try {
        this.#follow(reader);
      } catch (error) {
        // People see no further than the damage. The invariants name it.
        if (!(error instanceof CorruptLogError)) throw error;
      }
    }
  }

  #follow(reader: FencedReader): void {
    const stored = this.cluster.stored('run.events', reader.partition);
    if (reader.position.offset >= stored.end) return;
    for (const record of stored.slice(reader.position.offset, Number.POSITIVE_INFINITY)) {
      const taken = reader.take(record);
      const run = taken?.meta.run;
      if (taken === undefined || run === undefined) continue;
      for (const { wire, meta, data } of partsOf(taken, record.value)) {
        const type = wire.slice(0, wire.lastIndexOf('/'));
        const { id, seq = 0, time } = meta;
        this.#take(run, { type, data } as RunEvent, { id, seq, time });
      }
    }
  }

  describe(runId: string): Run | undefined {
    const watched = this.runs.get(runId);
    return watched && describeRun(watched.state);
  }

  #take(runId: string, event: RunEvent, place: { id: string; seq: number; time: number }): void {
    this.events += 1;
    const watched = this.runs.get(runId);
    const state = this.#fold(watched?.state, { ...event, ...place }, runId);
    if (state === undefined) return;
    const now = watched ?? { runId, state, callOf: new Map() };
    now.state = state;
    if (event.type === 'call.requested' && event.data.purpose !== 'verify')
      now.callOf.set(event.data.step, event.data.callHash);
    if (event.type.startsWith('approval.')) this.#people(runId, event);
    this.runs.set(runId, now);
  }

  #people(runId: string, { type, data }: RunEvent): void {
    if (!('approvalId' in data) || data.approvalId === undefined) return;
    const { approvalId } = data;
    const what = type.slice('approval.'.length);
    if (type === 'approval.opened')
      this.asked.set(approvalId, { approvalId, runId, callHash: data.callHash });
    const asked = this.asked.get(approvalId);
    if (settling.has(what) && asked !== undefined) this.asked.set(approvalId, { ...asked, settled: what });
  }

  #fold(before: RunState | undefined, event: RunEvent & RecordedEvent, runId: string): RunState | undefined {
    try {
      return evolve(before, event, runId);
    } catch (error) {
      this.impossible.push(`${event.id} ${event.type}: ${String(error)}`);
      return before;
    }
  }
}
