import type { DescribedTool } from '@interlock/tools';
import type { Place, PlacedCall, Workplace } from '../workplace.js';
import { ModulePool, type PoolOptions } from './module.pool.js';

/** Tool code runs in child processes: a pool of them for each module file, so that no module sees another's settings, memory or hangs. */
export class ProcessWorkplace implements Workplace {
  readonly #pools = new Map<string, ModulePool>();

  constructor(tools: readonly DescribedTool[], options: PoolOptions) {
    const pools = new Map<string, ModulePool>();
    for (const { toolHash, module } of tools) {
      const pool = pools.get(module.file) ?? new ModulePool(module, options);
      pools.set(module.file, pool);
      this.#pools.set(toolHash, pool);
    }
  }

  enter(placed: PlacedCall, ended: AbortSignal): Place | Promise<Place | undefined> {
    return this.#poolOf(placed).enter(placed, ended);
  }

  waitsFor(placed: PlacedCall): string {
    return this.#poolOf(placed).waitsFor(placed);
  }

  /** Process ids of every child, for whoever wants to see that none is left. */
  get pids(): number[] {
    return [...new Set(this.#pools.values())].flatMap(({ pids }) => pids);
  }

  /** Gives no more places. */
  drain(): void {
    for (const pool of this.#pools.values()) pool.drain();
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
  }

  #poolOf({ call }: PlacedCall): ModulePool {
    const pool = this.#pools.get(call.toolHash);
    if (pool === undefined) throw new TypeError(`no module here brings ${call.toolHash}`);
    return pool;
  }
}
