import { isTerminal, type Run } from '@interlock/contracts/http';
import { recalledEvents } from './event.view.js';
import type { ProjectionStore } from './projection.store.js';
import type { RunRow } from './read-store.js';
import { type RunFold, shownRun } from './run.view.js';

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
  /** Shown as of `seq`; recomputed when something happened. */
  view?: Run;
  body?: string;
}

const REFOLD_PAGE = 1_000;

/** Runs whose state is in memory: those that moved lately. The others are folded again from the store when they move. */
export class ResidentRuns<State> {
  readonly #runs = new Map<string, ResidentRun<State>>();
  readonly #dirty = new Set<ResidentRun<State>>();

  constructor(
    readonly store: ProjectionStore,
    readonly fold: RunFold<State>,
    readonly max: number,
  ) {}

  get size(): number {
    return this.#runs.size;
  }

  has(runId: string): boolean {
    return this.#runs.has(runId);
  }

  /** The run, from memory or folded again; undefined when nothing was ever read about it. */
  find(runId: string): ResidentRun<State> | undefined {
    return this.#runs.get(runId) ?? this.#recall(runId);
  }

  /** The run only if it is in memory. */
  resident(runId: string): ResidentRun<State> | undefined {
    const run = this.#runs.get(runId);
    return run !== undefined && isShown(run) ? run : undefined;
  }

  /** The run whose event `seq` has come. */
  forEvent(runId: string, seq: number): ResidentRun<State> {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const recalled = seq === 1 ? undefined : (this.#recall(runId) ?? this.#replay(runId, ''));
    return recalled ?? this.add({ runId, requestHash: '', seq: 0 });
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
    run.view ??= run.state === undefined ? shownRun(started(run)) : this.fold.describe(run.state);
    return run.view;
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
      body: run.body,
    };
  }

  /** Rows of all runs that moved since the last call. */
  *moved(): Iterable<RunRow> {
    for (const run of this.#dirty) if (isShown(run)) yield this.row(run);
  }

  /** After `moved` was stored: lets go of ended runs, and of the oldest beyond the limit. */
  settle(): void {
    for (const run of this.#dirty) {
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
  }

  #recall(runId: string): ResidentRun<State> | undefined {
    const row = this.store.run(runId);
    if (row === undefined) return undefined;
    const run = this.#replay(runId, row.request);
    if (run.state === undefined) run.start = row;
    return run;
  }

  /** The run as its stored events tell it; a run of which nothing is shown has events too. */
  #replay(runId: string, requestHash: string): ResidentRun<State> {
    const run: ResidentRun<State> = { runId, requestHash, seq: 0 };
    for (;;) {
      const before = run.seq;
      for (const stored of this.store.decisions(runId, before, REFOLD_PAGE)) {
        for (const event of recalledEvents(stored)) run.state = this.fold.evolve(run.state, event, runId);
        run.seq = stored.lastSeq;
      }
      if (run.seq < before + REFOLD_PAGE) break;
    }
    return this.add(run);
  }
}

/** Events that make no run (a refused command for an unknown one) show nothing. */
const isShown = (run: ResidentRun<unknown>): boolean => run.state !== undefined || run.start !== undefined;

function started<State>({ start, runId }: ResidentRun<State>): RunRow {
  if (start === undefined) throw new Error(`run ${runId} has neither a start nor a state`);
  return start;
}
