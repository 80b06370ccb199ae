import { ProjectionRows, type ReadableRecord } from '@interlock/projection';
import type { KnownRun } from './read-model.js';
import { refusedStarts } from './refused.starts.projection.js';
import { shownRun } from './run.view.js';

/**
 * Starts that the orchestrator has set aside. Nothing of them may stand in `run.events`, because nobody has proven who gave them: what
 * the orchestrator says of them is in its quarantine, and whoever asks for the run is told that.
 */
export class RefusedStarts {
  readonly #rows = new ProjectionRows(refusedStarts);

  /** Takes the next records of a partition. */
  take(records: readonly ReadableRecord[]): void {
    for (const record of records) this.#rows.take(record);
  }

  /** The run as people see it: one that nothing has taken up, and nothing will, is refused. */
  shown(runId: string, run: KnownRun): KnownRun {
    const refusal = run.status === 'accepted' ? this.#rows.get(runId) : undefined;
    if (refusal === undefined || refusal.requestHash !== run.requestHash) return run;
    const { code, message } = refusal;
    const failure = { class: 'unauthorized', code, message };
    return {
      ...run,
      status: 'refused',
      body: JSON.stringify({ ...shownRun(run), status: 'refused', failure }),
    };
  }

  /** It is started again: whether that is refused too is not known yet. */
  forget(runId: string): void {
    this.#rows.delete(runId);
  }
}
