import { join } from 'node:path';
import { Forger } from './forger.ts';
import type { Address } from './person.ts';
import { newPlace } from './place.ts';
import { readStoredLog, type StoredLog, withStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

export type Service = 'orchestrator' | 'policy' | 'approval';

/** A running system with the till, whichever broker it is on. */
export interface PeopleSystem extends Address {
  readonly tillFile: string;
  /** Of whoever counts over the log. */
  readonly metricsUrl: string;
  /** From now on nothing is heard of these services. */
  takeAway(...services: readonly Service[]): Promise<void>;
  /** Every service runs again. */
  bringBack(): Promise<void>;
  /** Somebody writes where only a service may. */
  forge(work: (forger: Forger) => Promise<unknown>): Promise<void>;
  /** Stops every service and answers with all that was ever stored. */
  finish(): Promise<StoredLog>;
  /** Leaves nothing behind. */
  remove(): Promise<void>;
}

export const tillModule = 'test/e2e/till.module.ts';
const every = [
  'registry',
  'orchestrator',
  'planner',
  'policy',
  'tool-executor',
  'approval',
  'audit',
  'telemetry',
  'gateway',
];

/** One process on the embedded log. */
export async function startOnEmbedded(): Promise<PeopleSystem> {
  const place = await newPlace('people');
  const dataDir = join(place.directory, 'data');
  const tillFile = join(place.directory, 'till.jsonl');
  let services: string[] | undefined;
  const start = (): Promise<SystemProcess> =>
    startSystem({
      dataDir,
      environment: { INTERLOCK_MODULES: tillModule, TILL_FILE: tillFile },
      ...(services !== undefined && { services }),
    });
  let system = await start();
  const restart = async (wanted?: string[]) => {
    await system.stop();
    services = wanted;
    system = await start();
  };
  return {
    get url() {
      return system.client.url;
    },
    get metricsUrl() {
      return system.client.url;
    },
    keys: join(dataDir, 'keys'),
    tillFile,
    takeAway: (...away) => restart(every.filter((name) => !(away as readonly string[]).includes(name))),
    bringBack: () => restart(),
    async forge(work) {
      await system.stop();
      await withStoredLog(dataDir, (broker) => work(new Forger(broker)));
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
