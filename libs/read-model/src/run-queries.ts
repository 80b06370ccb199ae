import { recordLine } from '@interlock/evidence';
import type { RunPredicate } from '@interlock/language';
import type { InputPosition } from '@interlock/projection';
import { bytesOf, type Decision } from './decision.js';
import { eventViews, recordedEvents } from './event.view.js';
import { PAGE_BYTES_MAX, READ_BYTES_MAX, withinPage } from './page.bytes.js';
import type {
  CommandAnswer,
  CommandStanding,
  EventForm,
  EventPage,
  InputStart,
  KnownRun,
  ListRequest,
  MatchingRuns,
} from './read-model.js';
import type { ReadStore } from './read-store.js';
import type { RunHistories } from './run.histories.js';
import { knownRunOf, type RunFold } from './run.view.js';
import type { RunsProjection } from './runs.projection.js';
import type { RunFacets } from './search/run.facets.js';
import { type Found, type RunPlace, type SearchRequest, searchRuns } from './search/run.search.js';

export function knownRun<State>({ runs, store }: RunsProjection<State>, runId: string): KnownRun | undefined {
  const run = runs.resident(runId);
  const row = run === undefined ? store.run(runId) : runs.row(run);
  return row && knownRunOf(row);
}

export async function listRuns<State>(
  projection: RunsProjection<State, ReadStore>,
  request: ListRequest,
): Promise<string> {
  projection.flush();
  const { runs } = projection.store;
  const found = await searchRuns(runs.within(request.reach), searchOf(request));
  return runPage(found, runs.bodies(found.runs), asOf(projection));
}

export async function matchingRuns<State>(
  projection: RunsProjection<State, ReadStore>,
  request: ListRequest,
): Promise<MatchingRuns> {
  projection.flush();
  return matchingOf(await searchRuns(projection.store.runs.within(request.reach), searchOf(request)));
}

export const matchingOf = ({ runs, next }: Found): MatchingRuns => ({
  runs: runs.map(({ run, facets }) => {
    const { rootRunId } = JSON.parse(facets) as RunFacets;
    return { runId: run, ...(rootRunId !== undefined && { rootRunId }) };
  }),
  ...(next && { next: cursorText(next) }),
});

const cursorText = ({ started, run }: RunPlace): string => `${started}.${run}`;

/** What a list asks for, as one predicate. */
export function searchOf({ status, workflow, filter, words, cursor, limit }: ListRequest): SearchRequest {
  const of: RunPredicate[] = [
    ...(status === undefined ? [] : [isText('status', status)]),
    ...(workflow === undefined ? [] : [isText('workflow', workflow)]),
    ...(words === undefined ? [] : [{ kind: 'words', at: 1, text: words } as const]),
    ...(filter === undefined ? [] : [filter]),
  ];
  const [only] = of;
  const predicate = of.length > 1 ? ({ kind: 'and', of } as const) : only;
  return { predicate, before: cursor === undefined ? undefined : parseRunCursor(cursor), limit };
}

const isText = (field: 'status' | 'workflow', value: string): RunPredicate => ({
  kind: 'compare',
  at: 1,
  field,
  is: '==',
  value,
});

/** @param bodies of the runs that were found, in their order; none: they are more than a page */
export function runPage({ runs, next }: Found, bodies: readonly string[], positions: AsOf): string {
  const page = withinPage(bodies, ({ length }) => length);
  const last = page.length < bodies.length ? runs[page.length - 1] : next;
  const cursor = last === undefined ? '' : `"next":${JSON.stringify(cursorText(last))},`;
  return `{"items":[${page.join(',')}],${cursor}"asOf":${JSON.stringify(positions)}}`;
}

/** `<startedMs>.<runId>`, the last run of the page before: `listRunsQuery` checks it. */
export function parseRunCursor(cursor: string): { started: number; run: string } {
  const dot = cursor.indexOf('.');
  return { started: Number(cursor.slice(0, dot)), run: cursor.slice(dot + 1) };
}

export function inputStart<State>(
  projection: RunsProjection<State>,
  topic: string,
  partition: number,
): InputStart {
  const next = projection.next(topic, partition);
  const { position, last, link } = projection.position(topic, partition);
  return { next, position, last, link: Buffer.from(link).toString('hex') };
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

export async function eventsOf<State>(
  projection: RunsProjection<State>,
  runId: string,
  after: number,
  limit: number,
  form: EventForm,
): Promise<EventPage | undefined> {
  const { runs } = projection;
  if (!runs.isKnown(runId)) return undefined;
  // An export is of what is kept.
  if (form === 'export' && projection.pending > 0) projection.flush();
  const seen = runs.seqOf(runId);
  const decisions = await decisionsBehind(projection, runId, after, limit + 1);
  // What is stored may have been too much for one page.
  const isWhole = (decisions.at(-1)?.lastSeq ?? after) >= seen;
  return eventPage({ decisions, isWhole }, after, limit, form);
}

/** Decisions behind an event, in their order. */
interface FoundDecisions {
  readonly decisions: readonly Decision[];
  /** Nothing comes behind the last of them. */
  readonly isWhole: boolean;
}

/** Readers that follow a run ask after each of its moves: nothing is stored or read for their sake. */
async function decisionsBehind<State>(
  projection: RunsProjection<State>,
  runId: string,
  after: number,
  limit: number,
): Promise<readonly Decision[]> {
  const unstored = projection.unstored(runId, after);
  if ((unstored[0]?.seq ?? Number.POSITIVE_INFINITY) <= after + 1) return unstored;
  const stored = await readBehind(projection.histories, runId, after, limit);
  const end = stored.at(-1)?.lastSeq ?? after;
  // Some may have been stored meanwhile. Nothing is told without what comes before it.
  const rest = unstored.filter(({ seq }) => seq > end);
  return rest[0]?.seq === end + 1 ? [...stored, ...rest] : stored;
}

/** Decisions that hold the next `limit` events behind `after`, and no more once they are more than a page. */
export async function readBehind(
  histories: RunHistories,
  runId: string,
  after: number,
  limit: number,
): Promise<readonly Decision[]> {
  const found: Decision[] = [];
  let bytes = 0;
  for await (const decisions of histories.behind(runId, after, limit)) {
    for (const decision of decisions) bytes += bytesOf(decision);
    found.push(...decisions);
    // Its JSON is longer than what is stored: that fills a page.
    if (bytes > PAGE_BYTES_MAX / 2) break;
  }
  return found;
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
    form === 'export' ? READ_BYTES_MAX : PAGE_BYTES_MAX,
  );
  return { items, more: !isWhole || all.length > items.length };
}

const viewItems = (decisions: readonly Decision[], after: number): EventPage['items'] =>
  decisions.flatMap((decision) =>
    eventViews(decision)
      .filter(({ seq }) => seq > after)
      .map((event) => ({ seq: event.seq, type: event.type, json: JSON.stringify(event) })),
  );

function exportItem({ lastSeq, wires, record }: Decision): EventPage['items'][number] {
  const { m: meta = nothing, h: link = nothing } = record.headers;
  const wire = wires.join(',');
  const line = recordLine({ key: record.key, wire, meta, link, value: record.value ?? nothing });
  return { seq: lastSeq, type: wire, json: JSON.stringify(line) };
}

const nothing = new Uint8Array();

export async function commandStanding<State>(
  projection: RunsProjection<State>,
  runId: string,
  commandId: string,
): Promise<CommandStanding> {
  const { fold, runs, histories } = projection;
  const run = runs.isKnown(runId) ? await runs.recall(runId) : undefined;
  const runSeq = run?.seq ?? 0;
  if (run?.state === undefined || !fold.hasAnswered(run.state, commandId)) return { runSeq };
  const answer =
    answerIn(projection.unstored(runId, 0), commandId) ?? (await storedAnswer(histories, runId, commandId));
  return { runSeq, ...(answer && { answer }) };
}

/** The event of a run that answers the command, as it is stored. */
export async function storedAnswer(
  histories: RunHistories,
  runId: string,
  commandId: string,
): Promise<CommandAnswer | undefined> {
  for await (const decisions of histories.fromLatest(runId)) {
    const answer = answerIn(decisions, commandId);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function answerIn(decisions: readonly Decision[], commandId: string): CommandAnswer | undefined {
  const named = Buffer.from(JSON.stringify(commandId));
  for (const decision of decisions) {
    if (decision.record.value === null || !Buffer.from(decision.record.value).includes(named)) continue;
    for (const { type, data } of recordedEvents(decision)) {
      const said = data as Readonly<Record<string, unknown>>;
      if (said.commandId === commandId) return { type, data: said };
    }
  }
  return undefined;
}

/**
 * JSON of the state after event `at` of a run, or after the last one that is stored, and its hash: folded again from its events.
 * undefined: there is none, or no such event.
 */
export async function stateAt<State>(
  histories: RunHistories,
  fold: RunFold<State>,
  runId: string,
  at = Number.MAX_SAFE_INTEGER,
): Promise<string | undefined> {
  let state: State | undefined;
  let hosted: State | undefined;
  let seq = 0;
  for await (const decisions of histories.behind(runId, 0, at)) {
    for (const event of decisions.flatMap((decision) => recordedEvents(decision))) {
      if (event.seq > at) break;
      state = fold.evolve(state, event, runId);
      hosted = fold.evolveHosted(hosted, event, runId);
      seq = event.seq;
    }
  }
  const isThere = at === Number.MAX_SAFE_INTEGER || seq === at;
  if (state === undefined || hosted === undefined || !isThere) return undefined;
  return JSON.stringify({ runId, seq, ...fold.hash(hosted), state });
}
