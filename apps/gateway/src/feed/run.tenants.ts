import type { ReadModel, Tenant } from '@interlock/read-model';

const KEPT_MAX = 50_000;

/** Whose each run is: its records do not say so, but for the first. It never changes, so those asked for lately are kept. */
export class RunTenants {
  readonly #known = new Map<string, Tenant>();

  constructor(private readonly readModel: Pick<ReadModel, 'run'>) {}

  /** Undefined: nothing is shown of it to anybody of a tenant. */
  async of(runId: string): Promise<Tenant | undefined> {
    const known = this.#known.get(runId);
    if (known !== undefined) return known;
    const run = await this.readModel.run(runId);
    if (run === undefined) return undefined;
    const [oldest] = this.#known.size >= KEPT_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(runId, run.tenant);
    return run.tenant;
  }
}
