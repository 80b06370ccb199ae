/**
 * The read model in Redis: one for all gateways of a log, written by each of them, rebuilt from the log when it is lost.
 *
 * R1. What is answered comes from Redis, and from there only; never from what this gateway has folded and not stored.
 * R2. An answer holds everything that this gateway had read from the log when it was asked.
 * R3. Without an answer of Redis, or with another generation in it, nothing is answered: ReadModelUnavailableError.
 */
import type { StoredRecord } from '@interlock/broker';
import { isSettled } from '@interlock/contracts/http';
import type { Accepted } from '@interlock/log';
import { approvalPage } from '../approval-queries.js';
import type {
  CommandStanding,
  EventForm,
  EventPage,
  KnownRun,
  ListRequest,
  MatchingRuns,
  ReadModel,
  StepsRequest,
} from '../read-model.js';
import { ReadModelUnavailableError, readModelClosed } from '../read-model.unavailable.js';
import type { RunRow } from '../read-store.js';
import type { ResidentRun } from '../resident-runs.js';
import { type RecordLog, RunHistories } from '../run.histories.js';
import { knownRunOf, type OwnStart, type RunFold } from '../run.view.js';
import {
  asOfPositions,
  eventPage,
  inputStart,
  matchingOf,
  readBehind,
  runPage,
  searchOf,
  stateAt,
  storedAnswer,
} from '../run-queries.js';
import { RunWatchers, type Watched } from '../run-watchers.js';
import { acceptedRow, RunsProjection } from '../runs.projection.js';
import { searchRuns } from '../search/run.search.js';
import { StepTables, stepPage } from '../step-queries.js';
import { type ListedRuns, OwnStarts } from './own.starts.js';
import { PreloadedStore } from './preloaded.store.js';
import { mustBeAnswered } from './redis.indexes.js';
import { RedisIntake } from './redis.intake.js';
import { RedisSession } from './redis.session.js';
import type { RedisStore } from './redis.store.js';

interface Working<State> {
  readonly projection: RunsProjection<State, PreloadedStore>;
  readonly intake: RedisIntake<State>;
}

export class RedisReadModel<State> implements ReadModel {
  readonly #watchers = new RunWatchers();
  readonly #tables = new StepTables();
  readonly #ours = new OwnStarts();
  readonly #session: RedisSession<Working<State>>;
  /** Records applied in stays that have ended. */
  readonly #closing = new AbortController();
  #applied = 0;

  /**
   * @param log what records are read back from
   * @param report called with failures that are no absence of Redis
   */
  constructor(
    url: string,
    readonly fold: RunFold<State>,
    readonly log: RecordLog,
    report: (error: unknown) => void,
  ) {
    const ended = ({ projection, intake }: Working<State>, error: ReadModelUnavailableError) => {
      this.#applied += projection.applied;
      intake.end(error);
    };
    this.#session = new RedisSession(url, ended, report);
  }

  resume(): Promise<void> {
    return this.#session.begin(async (store) => {
      const preloaded = new PreloadedStore(await store.positions());
      const histories = new RunHistories(store, this.log);
      const moved = (run: ResidentRun<State>) => {
        this.#ours.delete(run.runId);
        if (this.#watchers.watches(run.runId)) {
          this.#watchers.moved(run.runId, { status: projection.runs.status(run), seq: run.seq });
        }
      };
      const rowOf = (command: Accepted) => this.#ours.readBack(command) ?? acceptedRow(command);
      const projection = new RunsProjection(preloaded, histories, this.fold, moved, rowOf);
      const found = (rows: ReadonlyMap<string, RunRow>) => this.#found(rows);
      const failed = (error: unknown) => this.#session.failed(store, error);
      return { projection, intake: new RedisIntake(store, projection, found, failed) };
    });
  }

  feed(topic: string, partition: number, records: readonly StoredRecord[]): void {
    this.#session.current?.working.intake.feed(topic, partition, records);
  }

  accept(start: OwnStart): void {
    this.#ours.add(start);
  }

  async startOf(topic: string, partition: number) {
    const { projection } = this.#session.here().working;
    return inputStart(projection, topic, partition);
  }

  async clear(): Promise<void> {
    const { store } = this.#session.here();
    this.#tables.clear();
    await this.#session.ask(store, () => store.renew());
    await this.resume();
  }

  async drain(): Promise<void> {
    await this.#session.here().working.intake.drained();
  }

  async serve(): Promise<void> {
    const current = this.#session.here();
    await current.working.intake.drained();
    current.isServing = true;
    const waitedFor = [...new Set([...this.#watchers.runIds, ...this.#ours.runIds])];
    this.#found(await this.#session.ask(current.store, () => current.store.runs(waitedFor)));
  }

  lost(signal: AbortSignal): Promise<string | undefined> {
    return this.#session.lost(signal);
  }

  async run(runId: string): Promise<KnownRun | undefined> {
    const row = (await this.#row(runId)) ?? this.#ours.run(runId);
    return row && knownRunOf(row);
  }

  async list(request: ListRequest): Promise<string> {
    const search = searchOf(request);
    mustBeAnswered(search.predicate);
    return this.#read(async (store) => {
      for (const runId of (await store.runs(this.#ours.runIds)).keys()) this.#ours.delete(runId);
      const found = await searchRuns(store.within(request.reach), search);
      const listed = this.#ours.among(found, search, request.reach);
      const stored = listed.runs.filter(({ body }) => body === undefined);
      const [positions, bodies] = await store.bodies(stored.map(({ run }) => run));
      return runPage(listed, bodiesIn(listed, bodies), asOfPositions(positions));
    });
  }

  async matching(request: ListRequest): Promise<MatchingRuns> {
    const search = searchOf(request);
    mustBeAnswered(search.predicate);
    return this.#read(async (store) => matchingOf(await searchRuns(store.within(request.reach), search)));
  }

  approval: ReadModel['approval'] = (approvalId) => this.#read((store) => store.approval(approvalId));

  approvals: ReadModel['approvals'] = (request) =>
    this.#read(async (store) => {
      const [positions, found] = await store.listApprovals(request);
      return approvalPage(found, request.limit, asOfPositions(positions));
    });

  async events(runId: string, after: number, limit: number, form: EventForm): Promise<EventPage | undefined> {
    if ((await this.run(runId)) === undefined) return undefined;
    const histories = await this.#histories();
    const lastSeq = await histories.stored.lastSeq(runId);
    const decisions = await readBehind(histories, runId, after, limit + 1);
    const isWhole = (decisions.at(-1)?.lastSeq ?? after) >= lastSeq;
    return eventPage({ decisions, isWhole }, after, limit, form);
  }

  async newEvents(
    runId: string,
    after: number,
    limit: number,
    form: EventForm,
    signal: AbortSignal,
  ): Promise<EventPage | undefined> {
    await this.grown(runId, after, signal);
    return this.events(runId, after, limit, form);
  }

  async steps(runId: string, request: StepsRequest): Promise<string | undefined> {
    const run = await this.run(runId);
    return run && stepPage(await this.#tables.of(await this.#histories(), runId), run, request);
  }

  async stateAt(runId: string, at: number | undefined): Promise<string | undefined> {
    return stateAt(await this.#histories(), this.fold, runId, at);
  }

  async command(runId: string, commandId: string): Promise<CommandStanding> {
    const histories = await this.#histories();
    const resident = this.#session.current?.working.projection.runs.resident(runId);
    if (resident?.state !== undefined && !this.fold.hasAnswered(resident.state, commandId)) {
      return { runSeq: resident.seq };
    }
    const runSeq = await histories.stored.lastSeq(runId);
    const answer = await storedAnswer(histories, runId, commandId);
    return { runSeq, ...(answer && { answer }) };
  }

  async settled(runId: string, signal: AbortSignal): Promise<KnownRun | undefined> {
    await this.#watch(runId, ({ status }) => isSettled(status), signal);
    return signal.aborted ? undefined : this.run(runId);
  }

  grown(runId: string, seq: number, signal: AbortSignal): Promise<void> {
    return this.#watch(runId, (run) => run.seq > seq, signal);
  }

  async status() {
    const projection = this.#session.current?.working.projection;
    return {
      applied: this.#applied + (projection?.applied ?? 0),
      resident: projection?.runs.size ?? 0,
      blocked: [...(projection?.blocked ?? [])],
    };
  }

  async close(): Promise<void> {
    await this.#session.current?.working.intake.drained().catch(() => undefined);
    this.#session.end(readModelClosed());
    this.#closing.abort();
  }

  /** Watching begins before looking, so that no move falls between the two. A read model that is unavailable is waited for too. */
  async #watch(runId: string, met: (run: Watched) => boolean, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const waiting = this.#watchers.wait(
      runId,
      met,
      AbortSignal.any([signal, enough.signal, this.#closing.signal]),
    );
    const row = await this.#row(runId).catch(() => undefined);
    if (row !== undefined && met(row)) enough.abort();
    await waiting;
    if (this.#closing.signal.aborted) throw readModelClosed();
  }

  async #row(runId: string) {
    return (await this.#read((store) => store.runs([runId]))).get(runId);
  }

  async #read<T>(ask: (store: RedisStore) => Promise<T>): Promise<T> {
    const store = await this.#readable();
    return this.#session.ask(store, () => ask(store)); // R1
  }

  /** Where decisions stand comes from Redis (R1); a log that cannot be read is no loss of it. */
  async #histories(): Promise<RunHistories> {
    const store = await this.#readable();
    const ask = <T>(asked: () => Promise<T>) => this.#session.ask(store, asked);
    return new RunHistories(
      {
        run: (runId) => ask(() => store.run(runId)),
        lastSeq: (runId) => ask(() => store.lastSeq(runId)),
        places: (runId, after, limit) => ask(() => store.places(runId, after, limit)),
      },
      this.log,
    );
  }

  async #readable(): Promise<RedisStore> {
    const { store, working, isServing } = this.#session.here();
    if (!isServing) throw new ReadModelUnavailableError('it is being read again from the log'); // R3
    await working.intake.drained(); // R2
    return store;
  }

  /** Stored already, perhaps by another gateway: what is waited for here has happened. */
  #found(rows: ReadonlyMap<string, RunRow>): void {
    for (const [runId, row] of rows) {
      this.#ours.delete(runId);
      this.#watchers.moved(runId, row);
    }
  }
}

/** In their order, as far as they were fetched. */
function bodiesIn({ runs }: ListedRuns, stored: readonly string[]): string[] {
  const bodies: string[] = [];
  let next = 0;
  for (const { body } of runs) {
    const one = body ?? stored[next++];
    if (one === undefined) break;
    bodies.push(one);
  }
  return bodies;
}
