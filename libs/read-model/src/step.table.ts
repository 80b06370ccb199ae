import type { RecordedEvent } from '@interlock/actors';
import { type Failure, fieldOf, instantText, stepNameOf } from '@interlock/contracts';
import type { StepInstance, StepStatus } from '@interlock/contracts/http';

/**
 * The step instances of a run, folded from its events: each event names the instance it is about by its path. So an instance stays known
 * after the run has let go of its state, and a step kind that is not known here is shown from its first event to its end.
 *
 * Rows are only added, so the place of a row is a cursor: first the steps of the workflow in the order of the document, then instances
 * within others as they begin.
 */
export interface StepTable {
  /** Of the last event that was taken. */
  readonly seq: number;
  readonly rows: readonly StepRow[];
  /** Index of each path in `rows`. */
  readonly places: ReadonlyMap<string, number>;
}

/** What is shown of an instance, but for what it waits for; instants are UTC ms. */
export interface StepRow {
  readonly path: string;
  readonly kind?: string;
  readonly status: StepStatus;
  readonly since: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly generation: number;
  readonly calls: number;
  readonly attempts: number;
  readonly tool?: string;
  /** Id of the run that it has started last. */
  readonly child?: string;
  readonly failure?: Pick<Failure, 'class' | 'code' | 'message'>;
  /** The version that the run has by now does not have it; it had not begun. */
  readonly isGone?: true;
}

type Change = (row: StepRow, data: Readonly<Record<string, unknown>>, time: number) => StepRow;

/** Builds the table of one run; it is read through `table` only. */
export class StepTableFold {
  readonly #rows: StepRow[] = [];
  readonly #places = new Map<string, number>();
  #seq = 0;
  /** By the name of the step, whichever turn of a body it stands in. */
  #kinds: ReadonlyMap<string, string> = new Map();

  get table(): StepTable {
    return { seq: this.#seq, rows: this.#rows, places: this.#places };
  }

  take({ type, data, time, seq }: RecordedEvent): void {
    this.#seq = seq;
    if (type === 'run.started') this.#begin(data, time);
    if (type === 'run.migrated') this.#migrate(data, time);
    const path = fieldOf(data, 'step');
    if (typeof path !== 'string') return;
    const change = changes[type] ?? (saysNothing(type) ? undefined : started);
    if (change === undefined) return;
    const at = this.#place(path, time);
    const row = this.#rows[at];
    if (row !== undefined) this.#rows[at] = change(row, data as Readonly<Record<string, unknown>>, time);
  }

  #begin(data: unknown, time: number): void {
    const steps = fieldOf(fieldOf(data, 'compiled'), 'steps');
    this.#kinds = new Map(kindsIn(steps, ''));
    for (const name of this.#kinds.keys()) if (!name.includes('/')) this.#place(name, time);
  }

  /** Steps that are called otherwise now keep their rows, and those that are gone lose theirs. */
  #migrate(data: unknown, time: number): void {
    const map = fieldOf(data, 'map');
    for (const [at, row] of this.#rows.entries()) {
      const [first = ''] = row.path.split(/[/[#]/);
      const to = fieldOf(map, first);
      if (typeof to === 'string') this.#rows[at] = { ...row, path: `${to}${row.path.slice(first.length)}` };
    }
    const removed = fieldOf(data, 'removed');
    for (const [at, row] of this.#rows.entries())
      if (Array.isArray(removed) && removed.includes(row.path)) this.#rows[at] = { ...row, isGone: true };
    this.#places.clear();
    for (const [at, { path, isGone }] of this.#rows.entries())
      if (isGone !== true) this.#places.set(path, at);
    this.#begin(data, time);
  }

  #place(path: string, time: number): number {
    return this.#places.get(path) ?? this.#add(path, time);
  }

  #add(path: string, since: number): number {
    const at = this.#rows.length;
    const kind = this.#kinds.get(stepNameOf(path));
    this.#places.set(path, at);
    this.#rows.push({
      path,
      ...(kind !== undefined && { kind }),
      status: 'pending',
      since,
      generation: 1,
      calls: 0,
      attempts: 0,
    });
    return at;
  }
}

/** Steps of the compiled workflow and of the bodies in it, with their kinds. How a kind holds its body is its own. */
function* kindsIn(value: unknown, within: string): Generator<readonly [name: string, kind: string]> {
  if (typeof value !== 'object' || value === null) return;
  const [id, kind] = [fieldOf(value, 'id'), fieldOf(value, 'kind')];
  const isStep = typeof id === 'string' && typeof kind === 'string';
  if (isStep) yield [within + id, kind];
  const inside = isStep ? `${within}${id}/` : within;
  for (const part of Object.values(value)) yield* kindsIn(part, inside);
}

/** What is said about a call, a verdict or a question moves no step: `changes` has those that do. */
const saysNothing = (type: string): boolean => /^(call|verdict|approval|label|sla|operator)\./.test(type);

const entered = (row: StepRow, status: StepStatus, time: number): StepRow =>
  row.status === status ? row : { ...row, status, since: time };

const begun = (row: StepRow, status: 'running' | 'waiting', time: number): StepRow => ({
  ...entered(row, status, time),
  startedAt: row.startedAt ?? time,
});

/** An event of a step that has not started is its start. */
const started: Change = (row, _data, time) => (row.status === 'pending' ? begun(row, 'running', time) : row);

const ended =
  (status: 'completed' | 'skipped' | 'failed'): Change =>
  (row, data, time) => ({
    ...entered(row, status, time),
    ...(status === 'skipped' ? {} : { startedAt: row.startedAt ?? time }),
    endedAt: time,
    ...failureIn(data),
  });

const failureIn = (data: Readonly<Record<string, unknown>>): Pick<StepRow, 'failure'> => {
  const { failure } = data as { readonly failure?: Failure };
  if (failure === undefined) return {};
  const { class: kind, code, message } = failure;
  return { failure: { class: kind, code, message } };
};

/** Completed by itself: an earlier failure is past. Where a fallback stands in for it, it is why. */
const completed: Change = (row, data, time) => {
  const done = ended('completed')(row, data, time);
  if (row.status === 'fell_back') return done;
  const { failure: _past, ...rest } = done;
  return rest;
};

const resumed: Change = (row, { generation }, time) => {
  const { failure: _past, endedAt: _ended, ...rest } = row;
  return { ...entered(rest, 'pending', time), ...(typeof generation === 'number' && { generation }) };
};

const requested: Change = (row, { tool, purpose, attempt }, time) => ({
  // What undoes a step or asks about it leaves the step where it is.
  ...(purpose === 'step' ? begun(row, 'running', time) : row),
  calls: row.calls + (attempt === 1 ? 1 : 0),
  attempts: row.attempts + 1,
  ...(typeof tool === 'string' && { tool }),
});

/** Taken back, to be requested in another form. */
const revoked: Change = (row, { because }, time) =>
  because === 'redacted' && row.status === 'running' ? entered(row, 'pending', time) : row;

/** The question of a step; about a call, the step goes on with its call. */
const asked: Change = (row, { subject }, time) =>
  fieldOf(subject, 'kind') === 'question' ? begun(row, 'waiting', time) : row;

const withFailure =
  (status?: 'parked' | 'fell_back'): Change =>
  (row, data, time) => ({ ...(status === undefined ? row : entered(row, status, time)), ...failureIn(data) });

const changes: Readonly<Record<string, Change>> = {
  'wait.started': (row, _data, time) => begun(row, 'waiting', time),
  'form.opened': (row, _data, time) => begun(row, 'waiting', time),
  'form.answered': (row) => row,
  'approval.requested': asked,
  'call.requested': requested,
  'call.revoked': revoked,
  'child.requested': (row, { runId }, time) => ({
    ...begun(row, 'running', time),
    ...(typeof runId === 'string' && { child: runId }),
  }),
  'step.completed': completed,
  'step.skipped': ended('skipped'),
  'step.failed': ended('failed'),
  'step.fell_back': withFailure('fell_back'),
  'step.parked': withFailure('parked'),
  'step.retry_scheduled': withFailure(),
  'step.stopped': (row) => row,
  'step.resumed': resumed,
  'step.resolved': (row, _data, time) => {
    const { failure: _past, ...rest } = row;
    return entered(rest, 'running', time);
  },
};

/** The rows behind the first `after`, as they are shown. @param waits what the run waits for, by path */
export const shownStep = (
  { since, startedAt, endedAt, isGone: _, ...row }: StepRow,
  waits: ReadonlyMap<string, NonNullable<StepInstance['waitingFor']>>,
): StepInstance => {
  const waitingFor = waits.get(row.path);
  return {
    ...row,
    since: instant(since),
    ...(startedAt !== undefined && { startedAt: instant(startedAt) }),
    ...(endedAt !== undefined && { endedAt: instant(endedAt) }),
    ...(waitingFor !== undefined && { waitingFor }),
  };
};

const instant = (ms: number): string => instantText(ms);
