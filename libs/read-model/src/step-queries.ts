import type { StepInstance } from '@interlock/contracts/http';
import { recordedEvents } from './event.view.js';
import type { KnownRun, StepsRequest } from './read-model.js';
import type { RunHistories } from './run.histories.js';
import { shownRun } from './run.view.js';
import { type StepRow, type StepTable, StepTableFold, shownStep } from './step.table.js';

/** Rows of tables that are kept: who reads the pages of a long run has it folded once. */
const KEPT_ROWS_MAX = 50_000;

/** Tables of steps of the runs that were asked about lately. */
export class StepTables {
  readonly #kept = new Map<string, StepTableFold>();
  /** One reading of a run at a time. */
  readonly #underWay = new Map<string, Promise<StepTable>>();

  /** The table of a run up to what is stored of it. @throws as `RunHistories.behind` */
  of(histories: RunHistories, runId: string): Promise<StepTable> {
    const underWay = this.#underWay.get(runId);
    const reading = (underWay?.catch(() => undefined) ?? Promise.resolve()).then(() =>
      this.#read(histories, runId),
    );
    this.#underWay.set(runId, reading);
    return reading.finally(() => {
      if (this.#underWay.get(runId) === reading) this.#underWay.delete(runId);
    });
  }

  /** The log is another one. */
  clear(): void {
    this.#kept.clear();
  }

  async #read(histories: RunHistories, runId: string): Promise<StepTable> {
    const fold = this.#kept.get(runId) ?? new StepTableFold();
    this.#kept.delete(runId);
    for await (const decisions of histories.behind(runId, fold.table.seq))
      for (const decision of decisions) for (const event of recordedEvents(decision)) fold.take(event);
    this.#keep(runId, fold);
    return fold.table;
  }

  #keep(runId: string, fold: StepTableFold): void {
    this.#kept.set(runId, fold);
    let rows = [...this.#kept.values()].reduce((sum, { table }) => sum + table.rows.length, 0);
    for (const [oldest, { table }] of this.#kept) {
      if (rows <= KEPT_ROWS_MAX) return;
      this.#kept.delete(oldest);
      rows -= table.rows.length;
    }
  }
}

/** A page of steps as JSON of `{items, next?, lastSeq}`. */
export function stepPage(
  { rows, seq }: StepTable,
  run: Pick<KnownRun, 'body'>,
  { status, limit, after = 0 }: StepsRequest,
): string {
  const waits = Map.groupBy(shownRun(run).waitingFor ?? [], ({ step }) => step);
  const isShown = (row: StepRow): boolean =>
    row.isGone !== true && (status === undefined || row.status === status);
  const items: StepInstance[] = [];
  let at = after;
  for (; at < rows.length && items.length < limit; at++) {
    const row = rows[at];
    if (row !== undefined && isShown(row)) items.push(shownStep(row, waits));
  }
  const isWhole = !rows.slice(at).some(isShown);
  return JSON.stringify({ items, ...(isWhole ? {} : { next: String(at) }), lastSeq: seq });
}
