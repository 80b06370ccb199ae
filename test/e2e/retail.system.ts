import { join } from 'node:path';
import { readRetailData } from '../../examples/retail/data.ts';
import { RetailStore } from '../../examples/retail/retail.store.ts';
import { type ModelServer, startModelServer } from '../models/model.server.ts';
import { Forger } from './forger.ts';
import type { Address } from './person.ts';
import { newPlace } from './place.ts';
import { readStoredLog, type StoredLog, withStoredLog } from './stored.log.ts';
import { startSystem } from './system.process.ts';

/** A running system with the retail desk and a model, whichever broker it is on. */
export interface RetailSystem extends Address {
  readonly desk: RetailDesk;
  /** Of whoever counts over the log. */
  readonly metricsUrl: string;
  /** The orchestrator is silent while somebody writes in its name. */
  forge(work: (forger: Forger) => Promise<unknown>): Promise<void>;
  /** Stops every service and answers with all that was ever stored. */
  finish(): Promise<StoredLog>;
  /** Leaves nothing behind. */
  remove(): Promise<void>;
}

/** The shop's records and the model: what is on the other side of Interlock. */
export interface RetailDesk {
  readonly model: ModelServer;
  readonly store: RetailStore;
  /** For every service. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function openRetailDesk(): Promise<RetailDesk> {
  const place = await newPlace('retail-desk');
  const model = await startModelServer(() => ({ kind: 'hung' }), { key: 'test-key' });
  const store = RetailStore.open(place.directory, readRetailData);
  return {
    model,
    store,
    environment: {
      INTERLOCK_MODULES: 'examples/retail',
      INTERLOCK_MODEL: 'local/retail',
      INTERLOCK_MODEL_URL: model.url,
      INTERLOCK_MODEL_KEY: 'test-key',
      INTERLOCK_MODEL_PRICES: '0.25,2',
      INTERLOCK_MODEL_TOKENS_MAX: '200000',
      INTERLOCK_AUTONOMY: 'assisted',
      INTERLOCK_RATE_READS: '100000',
      INTERLOCK_RATE_WRITES: '100000',
      RETAIL_STORE: place.directory,
    },
    async remove() {
      await model.stop();
      store.close();
      await place.remove();
    },
  };
}

/**
 * One process on the embedded log.
 * @param environment over that of the desk
 */
export async function startRetailOnEmbedded(
  environment: Readonly<Record<string, string>> = {},
): Promise<RetailSystem> {
  const place = await newPlace('retail');
  const desk = await openRetailDesk();
  const dataDir = join(place.directory, 'data');
  const start = () => startSystem({ dataDir, environment: { ...desk.environment, ...environment } });
  let system = await start();
  return {
    desk,
    keys: join(dataDir, 'keys'),
    get url() {
      return system.client.url;
    },
    get metricsUrl() {
      return system.client.url;
    },
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
      await desk.remove();
      await place.remove();
    },
  };
}
