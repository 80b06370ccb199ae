import { join } from 'node:path';
import { newPlace } from './place.ts';
import { readStoredLog, type StoredLog } from './stored.log.ts';
import type { SystemClient } from './system.client.ts';
import { startSystem } from './system.process.ts';

/** A running system with the tools of the order system, whichever broker it is on. */
export interface RollbackSystem {
  readonly client: SystemClient;
  /** Ends whatever makes calls with SIGKILL; resolves when everything is ready again. */
  killExecutor(): Promise<void>;
  /** Stops every service and answers with all that was ever stored. */
  finish(): Promise<StoredLog>;
  /** Leaves nothing behind. */
  remove(): Promise<void>;
}

/** How the modules of a system are told where the order system is. */
export const orderEnvironment = (ordersUrl: string): Readonly<Record<string, string>> => ({
  INTERLOCK_MODULES: 'test/e2e/orders.module.ts',
  ORDERS_URL: ordersUrl,
});

/** One process on the embedded log: it dies as a whole. */
export async function startOnEmbedded(ordersUrl: string): Promise<RollbackSystem> {
  const place = await newPlace('rollback');
  const dataDir = join(place.directory, 'data');
  const start = () => startSystem({ dataDir, environment: orderEnvironment(ordersUrl) });
  let system = await start();
  return {
    get client() {
      return system.client;
    },
    async killExecutor() {
      await system.stop('SIGKILL');
      system = await start();
    },
    async finish() {
      await system.stop();
      return readStoredLog(dataDir);
    },
    async remove() {
      await system.stop('SIGKILL');
      await place.remove();
    },
  };
}
