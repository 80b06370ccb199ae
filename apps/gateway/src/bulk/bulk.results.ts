import { bulkCommandId } from '@interlock/contracts';
import type { BulkItem } from '@interlock/contracts/http';
import type { ReadModel } from '@interlock/read-model';

/** Each looks into the log of a run. */
const AT_ONCE = 8;
/** What is not looked up by then is left for the next question. */
const LOOK_MS = 1_000;
/** Of the orders that were asked for last. */
const KEPT_MAX = 200_000;

type Result = Pick<BulkItem, 'result' | 'code' | 'message'>;
const open: Result = { result: 'open' };
const done: Result = { result: 'done' };

/** What the runs of bulk orders have answered. An answer never changes, so each is looked up once. */
export class BulkResults {
  /** The order that was asked for last stands last. */
  readonly #known = new Map<string, Map<string, Result>>();

  constructor(
    private readonly readModel: Pick<ReadModel, 'command'>,
    private readonly keptMax = KEPT_MAX,
  ) {}

  /** One item a run, in their order. What there is no time for now is last. */
  async of(bulkId: string, runs: readonly string[]): Promise<readonly BulkItem[]> {
    const known = this.#resultsOf(bulkId);
    const unknown = runs.filter((runId) => !known.has(runId)).values();
    const deadline = performance.now() + LOOK_MS;
    const look = async () => {
      for (const runId of unknown) {
        if (performance.now() > deadline) return;
        const result = await this.#look(runId, bulkCommandId(bulkId, runId));
        if (result !== undefined) known.set(runId, result);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
    this.#forget();
    return runs.map((runId) => ({
      runId,
      commandId: bulkCommandId(bulkId, runId),
      ...(known.get(runId) ?? open),
    }));
  }

  async #look(runId: string, commandId: string): Promise<Result | undefined> {
    const { answer } = await this.readModel.command(runId, commandId);
    if (answer === undefined) return undefined;
    if (answer.type !== 'command.refused') return done;
    return { result: 'refused', code: String(answer.data.code), message: String(answer.data.message) };
  }

  #resultsOf(bulkId: string): Map<string, Result> {
    const known = this.#known.get(bulkId) ?? new Map<string, Result>();
    this.#known.delete(bulkId);
    this.#known.set(bulkId, known);
    return known;
  }

  #forget(): void {
    let kept = 0;
    for (const [bulkId, results] of [...this.#known].reverse()) {
      kept += results.size;
      if (kept > this.keptMax) this.#known.delete(bulkId);
    }
  }
}
