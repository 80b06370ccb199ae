/**
 * The read model of runs and their approvals: a fold of `run.commands` and `run.events`, which may be thrown away at any time.
 *
 * P1. What is shown of a run follows from its accepted records alone, however the two topics are interleaved.
 * P2. Rows, places of decisions and positions are stored in one transaction, so a record is applied once.
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
import { type Decision, placeOf, type UnstoredDecision, unstoredDecision } from './decision.js';
import { recordedEvents } from './event.view.js';
import type { ProjectionStore } from './projection.store.js';
import type { RunRow } from './read-store.js';
import { type ResidentRun, ResidentRuns } from './resident-runs.js';
import type { RunHistories } from './run.histories.js';
import { type AcceptedStart, acceptedRun, type OwnStart, type RunFold, valueHashOf } from './run.view.js';
import { factsAfter, noFacts } from './search/run.facts.js';
import { UnstoredApprovals } from './unstored-approvals.js';

const commands = new Catalogue(runCommandMessages);

export const RESIDENT_MAX = 20_000;

/** Called after a run has moved. */
export type Moved<State> = (run: ResidentRun<State>) => void;

export class RunsProjection<State, Store extends ProjectionStore = ProjectionStore> {
  readonly runs: ResidentRuns<State>;
  readonly approvals: UnstoredApprovals;
  readonly #inputs = new Map<string, PartitionInput>();
  readonly #blocked = new Map<string, string>();
  /** Those of them of which nothing more is taken, whatever was accepted before. */
  readonly #stopped = new Set<string>();
  #decisions: UnstoredDecision[] = [];
  #applied = 0;
  /** Calls of `accepted` whose records are not taken yet. */
  #underWay = 0;

  constructor(
    readonly store: Store,
    readonly histories: RunHistories,
    readonly fold: RunFold<State>,
    readonly moved: Moved<State>,
    /** The run that a start asks for; undefined: it is none, or one that the orchestrator refuses. */
    readonly rowOf: (command: Accepted) => RunRow | undefined = acceptedRow,
    residentMax = RESIDENT_MAX,
  ) {
    this.runs = new ResidentRuns(store, histories, fold, residentMax);
    this.approvals = new UnstoredApprovals(store.approvals);
  }

  /** Records not yet stored. */
  get pending(): number {
    return this.#decisions.length;
  }

  /** Decisions of a run with events behind `after` that are not stored yet, in their order. */
  unstored(runId: string, after: number): Decision[] {
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

  /**
   * The first half of taking the next records of a partition: those of them that every reader accepts. Earlier ones are passed over.
   * `take` must follow, or `stop`, and nothing is stored before it does.
   */
  accepted(topic: string, partition: number, records: readonly StoredRecord[]): Accepted[] {
    this.#underWay++;
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

  /**
   * The second half, once the runs that move are in memory (`runsToRecall`): takes what was accepted, which may have come before the
   * record that stopped the partition.
   */
  take(topic: string, partition: number, accepted: readonly Accepted[]): void {
    this.#underWay--;
    if (this.#stopped.has(`${topic}/${partition}`)) return;
    try {
      for (const one of accepted) this.#take(topic, partition, one);
    } catch (error) {
      this.#block(topic, partition, error);
    }
  }

  /** In place of `take`: the partition stops in front of what was accepted. */
  stop(topic: string, partition: number, error: unknown): void {
    this.#underWay--;
    this.#stopped.add(`${topic}/${partition}`);
    this.#block(topic, partition, error);
  }

  /** A start that this gateway has made durable: known at once, whatever is read when. */
  accept({ row, valueHash }: OwnStart): void {
    if (!this.runs.isKnown(row.run)) this.#begin(row, valueHash);
  }

  /** Stores everything applied so far. */
  flush(): void {
    if (this.#applied === 0 || this.#underWay > 0) return;
    const byRun = Map.groupBy(this.#decisions, ({ runId }) => runId);
    const places = new Map([...byRun].map(([runId, own]) => [runId, own.map(placeOf)]));
    const approvals = this.approvals.moved;
    this.store.write({ runs: this.runs.moved(), places, approvals, positions: this.#storable() }); // P2
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

  /** How far an input is read. */
  position(topic: string, partition: number): InputPosition {
    return this.#input(topic, partition).position;
  }

  /** Starts over from nothing: the log is another one than before. */
  clear(): void {
    this.#inputs.clear();
    this.#blocked.clear();
    this.#stopped.clear();
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

  #take(topic: string, partition: number, accepted: Accepted): void {
    this.#applied++;
    if (topic === runEvents.name) this.#decision(accepted, partition);
    else if (topic === runCommands.name) this.#command(accepted);
  }

  #decision(accepted: Accepted, partition: number): void {
    const decision = unstoredDecision(accepted, partition);
    if (decision === undefined) return;
    const { runId, seq } = decision;
    const run = this.runs.forEvent(runId);
    if (seq <= run.seq) return;
    if (seq !== run.seq + 1) throw new Error(`event ${seq} of run ${runId} follows event ${run.seq}`);
    this.#applyAll(run, recordedEvents(decision));
    this.#decisions.push(decision);
    this.#moved(run);
  }

  /** All of a decision, or nothing of it: a row never goes further than the decisions that are stored. */
  #applyAll(run: ResidentRun<State>, events: readonly RecordedEvent[]): void {
    const { state, seq, requestHash, facts } = run;
    try {
      for (const event of events) this.#apply(run, event);
    } catch (error) {
      Object.assign(run, { state, seq, requestHash, facts, view: undefined });
      throw error;
    }
  }

  #apply(run: ResidentRun<State>, event: RecordedEvent): void {
    const { runId } = run;
    if (event.type === 'run.started') run.requestHash = (event.data as { requestHash: string }).requestHash;
    run.state = this.fold.evolve(run.state, event, runId);
    run.facts = factsAfter(run.facts, event);
    run.seq = event.seq;
    run.view = undefined;
    this.approvals.take(event, runId, () => this.runs.view(run));
  }

  /** Only the first start of a run counts, as for the orchestrator; one that breaks its contract is quarantined there. */
  #command(accepted: Accepted): void {
    if (this.#isReadBack(accepted)) return;
    const row = this.rowOf(accepted);
    if (row === undefined) return;
    const run = this.runs.inMemory(row.run);
    if (run?.ours !== undefined) {
      run.ours = undefined;
      if (run.state === undefined) this.#restart(run, row); // P1
    } else if (!this.runs.isKnown(row.run)) this.#begin(row, undefined);
  }

  /** Our own start is known already, to the byte: it is not parsed again. */
  #isReadBack({ meta, record }: Accepted): boolean {
    const run = meta.run === undefined ? undefined : this.runs.inMemory(meta.run);
    if (run?.ours === undefined || run.ours !== valueHashOf(record.value)) return false;
    run.ours = undefined;
    return true;
  }

  #begin(row: RunRow, ours: string | undefined): void {
    const { run: runId, request: requestHash } = row;
    // There may be events that show nothing, of before it began.
    const run = this.runs.inMemory(runId) ?? {
      runId,
      requestHash,
      seq: this.store.lastSeq(runId),
      facts: noFacts,
    };
    this.#moved(this.runs.add(Object.assign(run, { start: row, ours, requestHash })));
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

/** The run that a record of `run.commands` begins; undefined: anything else, and what the orchestrator refuses for its id. */
export function acceptedRow({ wires: [wire = ''], meta, record }: Accepted): RunRow | undefined {
  if (!isStart(wire)) return undefined;
  try {
    const { data } = commands.parse(wire, record.value) as ReturnType<typeof StartRun>;
    const isOwn = ownsRunId(data) && data.runId === meta.run;
    return isOwn ? acceptedRun(data as AcceptedStart) : undefined;
  } catch {
    return undefined;
  }
}

export const isStart = (wire: string | undefined): boolean => wire?.startsWith('run.start/') === true;
