import { bulkCommandId } from '@interlock/contracts';
import type { BulkItem } from '@interlock/contracts/http';
import type { ReadModel } from '@interlock/read-model';
import type { KnownBulk } from './bulk.view.js';

/** Each looks into the log of a run. */
const AT_ONCE = 8;
/** What is not looked up by then is left for the next question. */
const LOOK_MS = 1_000;
const KEPT_MAX = 50;

type Result = Pick<BulkItem, 'result' | 'code' | 'message'>;
const open: Result = { result: 'open' };

/** What the runs of bulk orders have answered. An answer never changes, so each is looked up once. */
export class BulkResults {
  readonly #known = new Map<string, Map<string, Result>>();

  constructor(private readonly readModel: Pick<ReadModel, 'command'>) {}

  /** One item a run, in the order of the bulk order. */
  async of({ ordered: { bulkId }, runs }: KnownBulk): Promise<readonly BulkItem[]> {
    const known = this.#resultsOf(bulkId);
    const unknown = runs.filter(({ runId }) => !known.has(runId));
    const deadline = performance.now() + LOOK_MS;
    const look = async () => {
      for (let next = unknown.pop(); next !== undefined; next = unknown.pop()) {
        if (performance.now() > deadline) return;
        const result = await this.#look(next.runId, bulkCommandId(bulkId, next.runId));
        if (result !== undefined) known.set(next.runId, result);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
    return runs.map(({ runId }) => ({
      runId,
      commandId: bulkCommandId(bulkId, runId),
      ...(known.get(runId) ?? open),
    }));
  }

  async #look(runId: string, commandId: string): Promise<Result | undefined> {
    const { answer } = await this.readModel.command(runId, commandId);
    if (answer === undefined) return undefined;
    if (answer.type !== 'command.refused') return { result: 'done' };
    return { result: 'refused', code: String(answer.data.code), message: String(answer.data.message) };
  }

  #resultsOf(bulkId: string): Map<string, Result> {
    const known = this.#known.get(bulkId) ?? new Map<string, Result>();
    this.#known.delete(bulkId);
    this.#known.set(bulkId, known);
    const [oldest] = this.#known.size > KEPT_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}
