import { isTerminal, type Run } from '@interlock/contracts/http';
import { recordedEvents } from './event.view.js';
import type { ProjectionStore } from './projection.store.js';
import type { RunRow } from './read-store.js';
import type { RunHistories } from './run.histories.js';
import { type RunFold, shownRun } from './run.view.js';
import { facetsOf } from './search/run.facets.js';
import { factsAfter, noFacts, type RunFacts } from './search/run.facts.js';

/** A run in memory. */
export interface ResidentRun<State> {
  readonly runId: string;
  /** As it was accepted, while the orchestrator has not said anything. */
  start?: RunRow;
  /** Hash of our own start's record, until it is read back: the log may say that another start was first. */
  ours?: string | undefined;
  requestHash: string;
  state?: State;
  seq: number;
  /** What it is found by besides what it shows. */
  facts: RunFacts;
  /** Up to where its words are stored. */
  worded?: 'begun' | 'ended';
  /** Shown as of `seq`; recomputed when something happened. */
  view?: Run;
  body?: string;
}

/** Runs whose state is in memory: those that moved lately. The others are folded again from the log before they move. */
export class ResidentRuns<State> {
  readonly #runs = new Map<string, ResidentRun<State>>();
  readonly #dirty = new Set<ResidentRun<State>>();
  /** Another map after `clear`: what was recalled before it is not kept. */
  #recalls = new Map<string, Promise<ResidentRun<State> | undefined>>();

  constructor(
    readonly store: Pick<ProjectionStore, 'run'>,
    readonly histories: RunHistories,
    readonly fold: RunFold<State>,
    readonly max: number,
  ) {}

  get size(): number {
    return this.#runs.size;
  }

  /** The run if it is in memory, also when nothing of it is shown. */
  inMemory(runId: string): ResidentRun<State> | undefined {
    return this.#runs.get(runId);
  }

  /** Whether the run is shown. */
  isKnown(runId: string): boolean {
    return this.resident(runId) !== undefined || this.store.run(runId) !== undefined;
  }

  /** Of the last event that was read of a run that is shown; 0: of none. */
  seqOf(runId: string): number {
    return this.#runs.get(runId)?.seq ?? this.store.run(runId)?.seq ?? 0;
  }

  /**
   * The run, folded again from the log when it is not in memory; undefined: nothing was ever read about it.
   * @throws {EventsGoneError} its events are not in the log any more
   */
  async recall(runId: string): Promise<ResidentRun<State> | undefined> {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const underWay = this.#recalls.get(runId);
    if (underWay !== undefined) return underWay;
    const recalls = this.#recalls;
    const recall = this.#refold(runId)
      .then((run) => (run === undefined || recalls !== this.#recalls ? run : this.#keep(run)))
      .finally(() => recalls.delete(runId));
    recalls.set(runId, recall);
    return recall;
  }

  /** The run if it is in memory and shown. */
  resident(runId: string): ResidentRun<State> | undefined {
    const run = this.#runs.get(runId);
    return run !== undefined && isShown(run) ? run : undefined;
  }

  /** The run whose next event has come: one that has earlier ones was recalled before. */
  forEvent(runId: string): ResidentRun<State> {
    return this.#runs.get(runId) ?? this.add({ runId, requestHash: '', seq: 0, facts: noFacts });
  }

  add(run: ResidentRun<State>): ResidentRun<State> {
    this.#runs.set(run.runId, run);
    return run;
  }

  touch(run: ResidentRun<State>): void {
    run.view = undefined;
    run.body = undefined;
    this.#dirty.add(run);
  }

  view(run: ResidentRun<State>): Run {
    run.view ??= run.state === undefined ? shownRun(started(run)) : this.#described(run, run.state);
    return run.view;
  }

  #described({ facts: { approvers } }: ResidentRun<State>, state: State): Run {
    const shown = this.fold.describe(state);
    return approvers.length === 0 ? shown : { ...shown, approvedBy: approvers };
  }

  status(run: ResidentRun<State>): string {
    return run.state === undefined ? started(run).status : this.view(run).status;
  }

  /** The run as it is stored. */
  row(run: ResidentRun<State>): RunRow {
    if (run.state === undefined) return started(run);
    const view = this.view(run);
    run.body ??= JSON.stringify(view);
    return {
      run: run.runId,
      tenant: view.tenant ?? '',
      status: view.status,
      workflow: view.workflow.name,
      started: Date.parse(view.startedAt),
      seq: view.lastSeq,
      request: run.requestHash,
      facets: JSON.stringify(facetsOf(view, run.facts)),
      body: run.body,
    };
  }

  /** Rows of all runs that moved since the last call. */
  *moved(): Iterable<RunRow> {
    for (const run of this.#dirty) if (isShown(run)) yield { ...this.row(run), ...this.#words(run) };
  }

  /** When there are any that are not stored: as it begins, and once it has ended. */
  #words(run: ResidentRun<State>): Pick<RunRow, 'words'> {
    const { state } = run;
    if (state === undefined || run.worded === this.#stage(run)) return {};
    return { words: this.fold.words(state, this.view(run)) };
  }

  #stage(run: ResidentRun<State>): 'begun' | 'ended' {
    return isTerminal(this.status(run)) ? 'ended' : 'begun';
  }

  /** After `moved` was stored: lets go of ended runs, and of the oldest beyond the limit. */
  settle(): void {
    for (const run of this.#dirty) {
      if (run.state !== undefined) run.worded = this.#stage(run);
      if (!isShown(run) || isTerminal(this.status(run))) this.#runs.delete(run.runId);
    }
    this.#dirty.clear();
    for (const [runId, run] of this.#runs) {
      if (this.#runs.size <= this.max) break;
      if (run.ours === undefined) this.#runs.delete(runId);
    }
  }

  clear(): void {
    this.#runs.clear();
    this.#dirty.clear();
    this.#recalls = new Map();
  }

  /** The run as its events tell it; a run of which nothing is shown has events too. */
  async #refold(runId: string): Promise<ResidentRun<State> | undefined> {
    const run: ResidentRun<State> = { runId, requestHash: '', seq: 0, facts: noFacts };
    for await (const decisions of this.histories.behind(runId, 0)) {
      for (const decision of decisions) {
        for (const event of recordedEvents(decision)) {
          run.state = this.fold.evolve(run.state, event, runId);
          run.facts = factsAfter(run.facts, event);
        }
        run.seq = decision.lastSeq;
      }
    }
    // After its events: a run that has some then has its row, which was stored with them.
    const row = await this.histories.stored.run(runId);
    if (row === undefined && run.seq === 0) return undefined;
    run.requestHash = row?.request ?? '';
    if (run.state === undefined && row !== undefined) run.start = row;
    return run;
  }

  /** Unless it has begun meanwhile. */
  #keep(run: ResidentRun<State>): ResidentRun<State> {
    return this.#runs.get(run.runId) ?? this.add(run);
  }
}

/** Events that make no run (a refused command for an unknown one) show nothing. */
const isShown = (run: ResidentRun<unknown>): boolean => run.state !== undefined || run.start !== undefined;

function started<State>({ start, runId }: ResidentRun<State>): RunRow {
  if (start === undefined) throw new Error(`run ${runId} has neither a start nor a state`);
  return start;
}
