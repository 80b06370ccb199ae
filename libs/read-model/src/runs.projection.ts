/**
 * The read model of runs and their approvals: a fold of `run.commands` and `run.events`, which may be thrown away at any time.
 *
 * P1. What is shown of a run follows from its accepted records alone, however the two topics are interleaved.
 * P2. Rows, events and positions are stored in one transaction, so a record is applied once.
 * P3. A partition that cannot be read stops alone and says why; what was read stays readable.
 */

import type { RecordedEvent } from '@interlock/actors';
import type { StoredRecord } from '@interlock/broker';
import {
  Catalogue,
  errorText,
  ownsRunId,
  runCommandMessages,
  runCommands,
  runEvents,
  type StartRun,
} from '@interlock/contracts';
import type { Accepted } from '@interlock/log';
import { type InputPosition, inputOf, type PartitionInput } from '@interlock/projection';
import { recordedEvents } from './event.view.js';
import type { ProjectionStore } from './projection.store.js';
import type { RunRow } from './read-store.js';
import { type ResidentRun, ResidentRuns } from './resident-runs.js';
import { type AcceptedStart, acceptedRun, type OwnStart, type RunFold, valueHashOf } from './run.view.js';
import { type StoredDecision, storedDecision } from './stored.decision.js';
import { UnstoredApprovals } from './unstored-approvals.js';

const commands = new Catalogue(runCommandMessages);

/** Told after a run has moved. */
export type Moved<State> = (run: ResidentRun<State>) => void;

export class RunsProjection<State, Store extends ProjectionStore = ProjectionStore> {
  readonly runs: ResidentRuns<State>;
  readonly approvals: UnstoredApprovals;
  readonly #inputs = new Map<string, PartitionInput>();
  readonly #blocked = new Map<string, string>();
  #decisions: StoredDecision[] = [];
  #applied = 0;

  constructor(
    readonly store: Store,
    readonly fold: RunFold<State>,
    readonly moved: Moved<State>,
    residentMax = 20_000,
  ) {
    this.runs = new ResidentRuns(store, fold, residentMax);
    this.approvals = new UnstoredApprovals(store.approvals);
  }

  /** Records not yet stored. */
  get pending(): number {
    return this.#decisions.length;
  }

  /** Decisions of a run with events behind `after` that are not stored yet, in their order. */
  unstored(runId: string, after: number): StoredDecision[] {
    return this.#decisions.filter((one) => one.runId === runId && one.lastSeq > after);
  }

  /** Records applied since the start of the process. */
  get applied(): number {
    return this.#applied;
  }

  /** Partitions that stopped, with the reason. */
  get blocked(): ReadonlyMap<string, string> {
    return this.#blocked;
  }

  /** Applies the next records of a partition, in order; those already applied are passed over. Never throws. */
  apply(topic: string, partition: number, records: readonly StoredRecord[]): void {
    this.take(topic, partition, this.accepted(topic, partition, records));
  }

  /** The first half of `apply`: of the next records of a partition, those that every reader accepts. */
  accepted(topic: string, partition: number, records: readonly StoredRecord[]): Accepted[] {
    const accepted: Accepted[] = [];
    if (this.#blocked.has(`${topic}/${partition}`)) return accepted;
    try {
      const input = this.#input(topic, partition);
      for (const record of records) accepted.push(...input.take(record));
    } catch (error) {
      this.#block(topic, partition, error);
    }
    return accepted;
  }

  /** The second half: takes what was accepted, which may have come before the record that stopped the partition. */
  take(topic: string, partition: number, accepted: readonly Accepted[]): void {
    if (accepted.length === 0) return;
    try {
      for (const one of accepted) this.#take(topic, one);
    } catch (error) {
      this.#block(topic, partition, error);
    }
  }

  /** A start that this gateway has made durable: known at once, whatever is read when. */
  accept({ row, valueHash }: OwnStart): void {
    if (this.runs.find(row.run) === undefined) this.#begin(row, valueHash);
  }

  /** Stores everything applied so far. */
  flush(): void {
    if (this.#applied === 0) return;
    const decisions = this.#decisions;
    const approvals = this.approvals.moved;
    this.store.write({ runs: this.runs.moved(), decisions, approvals, positions: this.#storable() }); // P2
    this.#decisions = [];
    this.runs.settle();
    this.approvals.settle();
  }

  /** Of inputs that were read in this process; others stand where the store says. */
  positions(): ReadonlyMap<string, InputPosition> {
    return new Map([...this.#inputs].map(([name, input]) => [name, input.position]));
  }

  /** The next offset wanted of an input. */
  next(topic: string, partition: number): number {
    return this.#input(topic, partition).next;
  }

  /** Starts over from nothing: the log is another one than before. */
  clear(): void {
    this.#inputs.clear();
    this.#blocked.clear();
    this.#decisions = [];
    this.runs.clear();
    this.approvals.settle();
    this.store.clear();
  }

  /** A partition that stopped keeps the position it last stored: another release may read on from there. */
  #storable(): ReadonlyMap<string, InputPosition> {
    return new Map([...this.positions()].filter(([name]) => !this.#blocked.has(name)));
  }

  #block(topic: string, partition: number, error: unknown): void {
    this.#blocked.set(`${topic}/${partition}`, errorText(error)); // P3
  }

  #input(topic: string, partition: number): PartitionInput {
    const name = `${topic}/${partition}`;
    const known = this.#inputs.get(name);
    if (known !== undefined) return known;
    const from = this.store.positions().get(name);
    const input = inputOf(topic === runEvents.name ? runEvents : runCommands, partition, from);
    this.#inputs.set(name, input);
    return input;
  }

  #take(topic: string, accepted: Accepted): void {
    this.#applied++;
    if (topic === runEvents.name) this.#decision(accepted);
    else if (topic === runCommands.name) this.#command(accepted);
  }

  #decision(accepted: Accepted): void {
    const { run: runId, seq } = accepted.meta;
    if (runId === undefined || seq === undefined) return;
    const run = this.runs.forEvent(runId, seq);
    if (seq <= run.seq) return;
    if (seq !== run.seq + 1) throw new Error(`event ${seq} of run ${runId} follows event ${run.seq}`);
    const stored = storedDecision(accepted);
    this.#applyAll(run, recordedEvents(stored, accepted.meta));
    this.#decisions.push(stored);
    this.#moved(run);
  }

  /** All of a decision, or nothing of it: a row never goes further than the decisions that are stored. */
  #applyAll(run: ResidentRun<State>, events: readonly RecordedEvent[]): void {
    const { state, seq, requestHash } = run;
    try {
      for (const event of events) this.#apply(run, event);
    } catch (error) {
      Object.assign(run, { state, seq, requestHash, view: undefined });
      throw error;
    }
  }

  #apply(run: ResidentRun<State>, event: RecordedEvent): void {
    const { runId } = run;
    if (event.type === 'run.started') run.requestHash = (event.data as { requestHash: string }).requestHash;
    run.state = this.fold.evolve(run.state, event, runId);
    run.seq = event.seq;
    run.view = undefined;
    this.approvals.take(event, runId, () => this.runs.view(run));
  }

  /** Only the first start of a run counts, as for the orchestrator; one that breaks its contract is quarantined there. */
  #command(accepted: Accepted): void {
    if (this.#isReadBack(accepted.meta.run, accepted.record.value)) return;
    const command = readStart(accepted);
    if (command === undefined) return;
    const run = this.runs.find(command.runId);
    if (run === undefined) this.#begin(acceptedRun(command), undefined);
    else if (run.ours !== undefined) {
      run.ours = undefined;
      if (run.state === undefined) this.#restart(run, acceptedRun(command)); // P1
    }
  }

  /** Our own start is known already, to the byte: it is not parsed again. */
  #isReadBack(runId: string | undefined, value: Uint8Array | null): boolean {
    const run = runId === undefined ? undefined : this.runs.find(runId);
    if (run?.ours === undefined || run.ours !== valueHashOf(value)) return false;
    run.ours = undefined;
    return true;
  }

  #begin(row: RunRow, ours: string | undefined): void {
    this.#moved(this.runs.add({ runId: row.run, start: row, ours, requestHash: row.request, seq: 0 }));
  }

  #restart(run: ResidentRun<State>, row: RunRow): void {
    run.start = row;
    run.requestHash = row.request;
    this.#moved(run);
  }

  #moved(run: ResidentRun<State>): void {
    this.runs.touch(run);
    this.moved(run);
  }
}

/** The start that a record of `run.commands` holds; undefined: anything else, and what the orchestrator refuses for its id. */
export function readStart({ wires: [wire = ''], record }: Accepted): AcceptedStart | undefined {
  if (!wire.startsWith('run.start/')) return undefined;
  try {
    const { data } = commands.parse(wire, record.value) as ReturnType<typeof StartRun>;
    return ownsRunId(data) ? (data as AcceptedStart) : undefined;
  } catch {
    return undefined;
  }
}
