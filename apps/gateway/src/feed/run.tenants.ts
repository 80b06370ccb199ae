import { notReady } from '@interlock/commands';
import type { ReadModel, Tenant } from '@interlock/read-model';
import { type CaughtUp, NOT_READ_YET } from '../runs/caught.up.js';

const KEPT_MAX = 50_000;

/** Whose each run is: its records do not say so, but for the first. It never changes, so those asked for lately are kept. */
export class RunTenants {
  readonly #known = new Map<string, Tenant>();

  constructor(
    private readonly readModel: Pick<ReadModel, 'run'>,
    private readonly inputs: CaughtUp,
  ) {}

  /**
   * Of a run with an event in `partition`, which the read model may not have read yet. Undefined: it has, and the run never began, or its
   * beginning was cut away; nothing is shown of it to anybody of a tenant.
   * @throws {Problem} not-ready: this gateway cannot say so yet
   */
  async of(runId: string, partition: number): Promise<Tenant | undefined> {
    const known = this.#known.get(runId) ?? (await this.#ask(runId));
    if (known !== undefined) return known;
    const isUpToDate = await this.inputs.caughtUp(partition);
    const found = await this.#ask(runId);
    if (found === undefined && !isUpToDate) throw notReady(NOT_READ_YET);
    return found;
  }

  async #ask(runId: string): Promise<Tenant | undefined> {
    const run = await this.readModel.run(runId);
    if (run === undefined) return undefined;
    const [oldest] = this.#known.size >= KEPT_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(runId, run.tenant);
    return run.tenant;
  }
}
