import type { RecordedEvent } from '@interlock/actors';
import type { SimulatedCluster } from '@interlock/broker/simulated';
import type { RunEvent } from '@interlock/contracts';
import { FencedReader } from '@interlock/log';
import { describeRun, evolve, type Run, type RunState } from '@interlock/run';

/** A write that a run has armed. */
export interface Watched {
  readonly runId: string;
  state: RunState;
  /** Call hash of the latest arming of each step's own call, or of the one that undoes it. */
  readonly callOf: Map<string, string>;
  /** Steps that people were asked for, whether or not the request was opened. */
  readonly asked: Set<string>;
}

/** The runs as anybody can read them in the log. */
export class RunWatcher {
  readonly runs = new Map<string, Watched>();
  /** Events that no run can have written there. */
  readonly impossible: string[] = [];
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
      const stored = this.cluster.stored('run.events', reader.partition);
      for (const record of stored.slice(reader.position.offset, Number.POSITIVE_INFINITY)) {
        const taken = reader.take(record);
        const run = taken?.meta.run;
        if (taken === undefined || run === undefined) continue;
        const type = taken.wire.slice(0, taken.wire.lastIndexOf('/'));
        const data = JSON.parse(Buffer.from(record.value ?? '').toString('utf8'));
        const { id, seq = 0, time } = taken.meta;
        this.#take(run, { type, data } as RunEvent, { id, seq, time });
      }
    }
  }

  describe(runId: string): Run | undefined {
    const watched = this.runs.get(runId);
    return watched && describeRun(watched.state);
  }

  #take(runId: string, event: RunEvent, place: { id: string; seq: number; time: number }): void {
    const watched = this.runs.get(runId);
    const state = this.#fold(watched?.state, { ...event, ...place }, runId);
    if (state === undefined) return;
    const now = watched ?? { runId, state, callOf: new Map(), asked: new Set<string>() };
    now.state = state;
    if (event.type === 'call.armed' && event.data.purpose !== 'verify')
      now.callOf.set(event.data.step, event.data.callHash);
    if (event.type === 'approval.requested') now.asked.add(event.data.step);
    this.runs.set(runId, now);
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
