import { MigrateRun } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import type { OtherVersion } from './documents/other.version.js';
import type { Gateway } from './gateway.js';
import type { RunWatcher } from './run-watcher.js';
import { seededRandom } from './seeded-random.js';
import type { World } from './world.js';

const by = { sub: 'mia', roles: ['operator'] };
/** Of an open run, each time that somebody looks. */
const CHANCE = 0.08;

/** Who lets open runs go on as another version of their workflow says, back and forth, whether or not that is safe: the run knows. */
export class Migrators {
  readonly #random: () => number;
  readonly #others: ReadonlyMap<string, OtherVersion>;

  constructor(
    readonly world: World,
    readonly gateway: Gateway,
    readonly watcher: RunWatcher,
    others: readonly OtherVersion[],
  ) {
    this.#random = seededRandom(world.seed * 5 + 3);
    this.#others = new Map(others.map((other) => [other.document.workflow, other]));
  }

  look(): void {
    for (const { runId, state } of this.watcher.runs.values())
      if (this.world.isFaulty && state.end === null && this.#random() < CHANCE) this.#migrate(runId, state);
  }

  #migrate(runId: string, { origin: { workflow } }: RunState): void {
    const other = this.#others.get(workflow.name);
    if (other === undefined) return;
    const isBack = workflow.version === other.document.version;
    const names = Object.entries(other.map).map(([from, to]) => (isBack ? [to, from] : [from, to]));
    const map = this.#random() < 0.8 ? { map: Object.fromEntries(names) } : {};
    const version = isBack ? 1 : other.document.version;
    const said = { ...this.gateway.envelope(runId), by, reason: 'it was published', version };
    this.gateway.send(MigrateRun({ ...said, ...map }));
  }
}
