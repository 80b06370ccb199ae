import { recordLine } from '@interlock/evidence';
import type { InputPosition } from '@interlock/projection';
import { eventViews, recalledEvents } from './event.view.js';
import { READ_BYTES_MAX, withinPage } from './page.bytes.js';
import type {
  CommandAnswer,
  CommandStanding,
  EventForm,
  EventPage,
  KnownRun,
  ListRequest,
} from './read-model.js';
import type { ReadStore, RunRow } from './read-store.js';
import { knownRunOf, type RunFold } from './run.view.js';
import type { RunsProjection } from './runs.projection.js';
import type { StoredDecision } from './stored.decision.js';

const PAGE = 1_000;

export function knownRun<State>({ runs, store }: RunsProjection<State>, runId: string): KnownRun | undefined {
  const run = runs.resident(runId);
  const row = run === undefined ? store.run(runId) : runs.row(run);
  return row && knownRunOf(row);
}

export function listRuns<State>(projection: RunsProjection<State, ReadStore>, request: ListRequest): string {
  projection.flush();
  const { limit, cursor, status, workflow, reach } = request;
  const before = cursor === undefined ? undefined : parseRunCursor(cursor);
  const rows = projection.store.runs({ reach, status, workflow, before, limit: limit + 1 });
  return runPage(rows, limit, asOf(projection));
}

/** @param rows newest first, one more than `limit` when there are more */
export function runPage(
  rows: readonly Pick<RunRow, 'run' | 'started' | 'body'>[],
  limit: number,
  positions: AsOf,
): string {
  const page = withinPage(rows.slice(0, limit), ({ body }) => body.length);
  const last = rows.length > page.length ? page.at(-1) : undefined;
  const next = last === undefined ? '' : `"next":${JSON.stringify(`${last.started}.${last.run}`)},`;
  return `{"items":[${page.map((row) => row.body).join(',')}],${next}"asOf":${JSON.stringify(positions)}}`;
}

/** `<startedMs>.<runId>`, the last run of the page before: `listRunsQuery` checks it. */
export function parseRunCursor(cursor: string): { started: number; run: string } {
  const dot = cursor.indexOf('.');
  return { started: Number(cursor.slice(0, dot)), run: cursor.slice(dot + 1) };
}

/** The next offset of each input, by topic and partition. */
export type AsOf = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const asOf = <State>(projection: RunsProjection<State>): AsOf => asOfPositions(projection.positions());

export function asOfPositions(positions: ReadonlyMap<string, Pick<InputPosition, 'position'>>): AsOf {
  const offsets: Record<string, Record<string, number>> = {};
  for (const [name, { position }] of positions) {
    const slash = name.lastIndexOf('/');
    const topic = name.slice(0, slash);
    offsets[topic] ??= {};
    offsets[topic][name.slice(slash + 1)] = position.offset;
  }
  return offsets;
}

export function eventsOf<State>(
  projection: RunsProjection<State, ReadStore>,
  runId: string,
  after: number,
  limit: number,
  form: EventForm,
): EventPage | undefined {
  if (knownRun(projection, runId) === undefined) return undefined;
  // An export is of what is kept.
  if (form === 'export' && projection.pending > 0) projection.flush();
  return eventPage(decisionsBehind(projection, runId, after, limit + 1), after, limit, form);
}

/** Decisions behind an event, in their order. */
interface FoundDecisions {
  readonly decisions: readonly StoredDecision[];
  /** Nothing comes behind the last of them. */
  readonly isWhole: boolean;
}

/** Readers that follow a run ask after each of its moves: nothing is stored for their sake. */
function decisionsBehind<State>(
  projection: RunsProjection<State, ReadStore>,
  runId: string,
  after: number,
  limit: number,
): FoundDecisions {
  const unstored = projection.unstored(runId, after);
  const [first] = unstored;
  if (first !== undefined && first.seq <= after + 1) return { decisions: unstored, isWhole: true };
  const stored = projection.store.decisions(runId, after, limit, READ_BYTES_MAX);
  const end = stored.at(-1)?.lastSeq ?? after;
  // What is stored may have been too much for one page: nothing is told without what comes before it.
  if (first !== undefined && first.seq === end + 1)
    return { decisions: [...stored, ...unstored], isWhole: true };
  return { decisions: stored, isWhole: end >= (projection.runs.find(runId)?.seq ?? 0) };
}

/**
 * The next page behind event `after`: of events, or of the records that an export holds, each with the seq of its last event.
 * @param found with more than `limit` events, or not whole, when there are more
 */
export function eventPage(
  { decisions, isWhole }: FoundDecisions,
  after: number,
  limit: number,
  form: EventForm,
): EventPage {
  const all = form === 'view' ? viewItems(decisions, after) : decisions.map(exportItem);
  const items = withinPage(
    all.filter(({ seq }, place) => seq <= after + limit || (form === 'export' && place === 0)),
    ({ json }) => json.length,
  );
  return { items, more: !isWhole || all.length > items.length };
}

const viewItems = (stored: readonly StoredDecision[], after: number): EventPage['items'] =>
  stored.flatMap((decision) =>
    eventViews(decision)
      .filter(({ seq }) => seq > after)
      .map((event) => ({ seq: event.seq, type: event.type, json: JSON.stringify(event) })),
  );

const exportItem = (decision: StoredDecision): EventPage['items'][number] => ({
  seq: decision.lastSeq,
  type: decision.wire,
  json: JSON.stringify(recordLine(decision)),
});

export function commandStanding<State>(
  projection: RunsProjection<State>,
  runId: string,
  commandId: string,
): CommandStanding {
  const run = projection.runs.find(runId);
  const runSeq = run?.seq ?? 0;
  const { fold, store } = projection;
  if (run?.state === undefined || !fold.hasAnswered(run.state, commandId)) return { runSeq };
  if (projection.pending > 0) projection.flush();
  for (let after = 0; after < runSeq; ) {
    const page = store.decisions(runId, after, PAGE);
    const answer = answerIn(page, commandId);
    if (answer !== undefined) return { runSeq, answer };
    if (page.length === 0) break;
    after = page.at(-1)?.lastSeq ?? runSeq;
  }
  return { runSeq };
}

/** The event among `page` that answers the command. */
export function answerIn(page: readonly StoredDecision[], commandId: string): CommandAnswer | undefined {
  const named = Buffer.from(JSON.stringify(commandId));
  for (const stored of page) {
    if (!Buffer.from(stored.value).includes(named)) continue;
    for (const { type, data } of recalledEvents(stored)) {
      const said = data as Readonly<Record<string, unknown>>;
      if (said.commandId === commandId) return { type, data: said };
    }
  }
  return undefined;
}

export function stateAt<State>(
  projection: RunsProjection<State>,
  runId: string,
  at: number | undefined,
): string | undefined {
  if (projection.pending > 0) projection.flush();
  const { fold, store } = projection;
  const replay = new RunReplay(fold, runId);
  for (let limit = replay.wanted(at); limit > 0; limit = replay.wanted(at)) {
    if (!replay.take(store.decisions(runId, replay.seq, limit), at)) break;
  }
  return replay.at(at);
}

/** A run folded again from its stored events, page by page. */
export class RunReplay<State> {
  #state: State | undefined;
  #hosted: State | undefined;
  #seq = 0;

  constructor(
    readonly fold: RunFold<State>,
    readonly runId: string,
  ) {}

  get seq(): number {
    return this.#seq;
  }

  /** How many events the next page should have to get to event `at`. */
  wanted(at: number | undefined): number {
    return Math.min(PAGE, (at ?? Number.MAX_SAFE_INTEGER) - this.#seq);
  }

  /** Takes the next events, up to event `at`; whether there were any. */
  take(page: readonly StoredDecision[], at = Number.MAX_SAFE_INTEGER): boolean {
    const before = this.#seq;
    for (const event of page.flatMap((stored) => recalledEvents(stored, before))) {
      if (event.seq > at) break;
      this.#state = this.fold.evolve(this.#state, event, this.runId);
      this.#hosted = this.fold.evolveHosted(this.#hosted, event, this.runId);
      this.#seq = event.seq;
    }
    return this.#seq > before;
  }

  /** JSON of the state and its hash; undefined: there is none, or not of event `at`. */
  at(at: number | undefined): string | undefined {
    if (this.#state === undefined || this.#hosted === undefined) return undefined;
    if (at !== undefined && this.#seq !== at) return undefined;
    const { runId } = this;
    return JSON.stringify({ runId, seq: this.#seq, ...this.fold.hash(this.#hosted), state: this.#state });
  }
}
