import { recordLine } from '@interlock/evidence';
import { eventView, recalledEvent } from './event.view.js';
import type { CommandStanding, EventForm, EventPage, KnownRun, ListRequest } from './read-model.js';
import type { RunsProjection } from './runs.projection.js';

const PAGE = 1_000;

export function knownRun<State>({ runs, store }: RunsProjection<State>, runId: string): KnownRun | undefined {
  const run = runs.resident(runId);
  if (run !== undefined) {
    return { body: runs.body(run), status: runs.view(run).status, requestHash: run.requestHash };
  }
  const row = store.run(runId);
  return row && { body: row.body, status: row.status, requestHash: row.request };
}

export function listRuns<State>(projection: RunsProjection<State>, request: ListRequest): string {
  projection.flush();
  const { limit, cursor, status, workflow } = request;
  const before = cursor === undefined ? undefined : parseCursor(cursor);
  const rows = projection.store.runs({ status, workflow, before, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const next = last === undefined ? '' : `"next":${JSON.stringify(`${last.started}.${last.run}`)},`;
  return `{"items":[${page.map((row) => row.body).join(',')}],${next}"asOf":${JSON.stringify(asOf(projection))}}`;
}

/** `<startedMs>.<runId>`, the last run of the page before. */
export const cursorPattern = /^\d{1,16}\.[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

function parseCursor(cursor: string): { started: number; run: string } {
  const dot = cursor.indexOf('.');
  return { started: Number(cursor.slice(0, dot)), run: cursor.slice(dot + 1) };
}

export function asOf<State>(projection: RunsProjection<State>): Record<string, Record<string, number>> {
  const offsets: Record<string, Record<string, number>> = {};
  for (const [name, { position }] of projection.positions()) {
    const slash = name.lastIndexOf('/');
    const topic = name.slice(0, slash);
    offsets[topic] ??= {};
    offsets[topic][name.slice(slash + 1)] = position.offset;
  }
  return offsets;
}

export function eventsOf<State>(
  projection: RunsProjection<State>,
  runId: string,
  after: number,
  limit: number,
  form: EventForm,
): EventPage | undefined {
  if (knownRun(projection, runId) === undefined) return undefined;
  if (projection.pending > 0) projection.flush();
  const stored = projection.store.events(runId, after, limit + 1);
  const show = form === 'view' ? eventView : recordLine;
  const items = stored.slice(0, limit).map((event) => ({
    seq: event.seq,
    type: event.wire.slice(0, event.wire.lastIndexOf('/')),
    json: JSON.stringify(show(event)),
  }));
  return { items, more: stored.length > limit };
}

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
  const named = Buffer.from(JSON.stringify(commandId));
  for (let after = 0; after < runSeq; ) {
    const page = store.events(runId, after, PAGE);
    if (page.length === 0) break;
    for (const stored of page) {
      after = stored.seq;
      if (!Buffer.from(stored.value).includes(named)) continue;
      const { type, data } = recalledEvent(stored);
      const said = data as Readonly<Record<string, unknown>>;
      if (said.commandId === commandId) return { runSeq, answer: { type, data: said } };
    }
  }
  return { runSeq };
}

export function stateAt<State>(
  projection: RunsProjection<State>,
  runId: string,
  at: number | undefined,
): string | undefined {
  if (projection.pending > 0) projection.flush();
  const { fold, store } = projection;
  let state: State | undefined;
  let hosted: State | undefined;
  let seq = 0;
  while (at === undefined || seq < at) {
    const page = store.events(runId, seq, Math.min(PAGE, (at ?? Number.MAX_SAFE_INTEGER) - seq));
    if (page.length === 0) break;
    for (const stored of page) {
      const event = recalledEvent(stored);
      state = fold.evolve(state, event, runId);
      hosted = fold.evolveHosted(hosted, event, runId);
      seq = stored.seq;
    }
  }
  if (state === undefined || hosted === undefined || (at !== undefined && seq !== at)) return undefined;
  return JSON.stringify({ runId, seq, ...fold.hash(hosted), state });
}
