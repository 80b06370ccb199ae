import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { pricedIn } from '../../e2e/catalogue.module.ts';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { newPlace } from '../../e2e/place.ts';
import { KafkaSystem } from './kafka.system.ts';
import type { ServiceName } from './service.process.ts';

const PRODUCTS = 100;
/** With the texts of all products the catalogue has more than 1 MB. */
const input = { products: PRODUCTS, bytes: 10_600 };

let place: Awaited<ReturnType<typeof newPlace>>;
let system: KafkaSystem | undefined;
afterEach(async () => {
  await system?.stop();
  await place.remove();
});

const file = () => join(place.directory, 'prices.jsonl');
async function start(apart: readonly ServiceName[], more: Readonly<Record<string, string>>) {
  const environment = { INTERLOCK_MODULES: 'test/e2e/catalogue.module.ts', CATALOGUE_FILE: file(), ...more };
  system = await KafkaSystem.start({ apart, environment });
  return system;
}

describe('an output of 1 MB on Kafka', () => {
  test('goes through a shared folder to every service, although orchestrator and executor are killed', {
    timeout: 500_000,
  }, async () => {
    place = await newPlace('kafka-values');
    const store = { INTERLOCK_STORE_URL: `file:${join(place.directory, 'values')}` };
    const running = await start(['orchestrator', 'tool-executor'], store);
    const { client } = running;
    const { runId } = await client.start('price-list', input);
    for (const [victim, after] of [
      ['orchestrator', 10],
      ['tool-executor', 40],
    ] as const) {
      await eventually(`${after} prices to be set`, () => pricedIn(file()).length > after);
      await running.service(victim).kill();
    }
    await running.ready();
    const elsewhere = await client.start('archived-elsewhere', input);
    expect(await client.settled(runId, 240_000)).toMatchObject({ status: 'completed', success: true });
    expect(new Set(pricedIn(file()).map(({ key }) => key)).size).toBe(PRODUCTS);
    const handed = await client.settled(elsewhere.runId, 60_000);
    expect(handed).toMatchObject({ status: 'completed', output: { count: PRODUCTS } });
    for (const one of [runId, handed.runId]) {
      const sizes = (await client.events(one)).map((event) => JSON.stringify(event).length);
      expect(Math.max(...sizes)).toBeLessThan(64 * 1024);
    }
    expect(await running.stopServices()).toEqual([]);
    expect(violationsIn(await running.recorder.complete())).toEqual([]);
  });

  test('is refused where no store is set, and the failure says what to set', {
    timeout: 240_000,
  }, async () => {
    place = await newPlace('kafka-no-values');
    const { client } = await start([], {});
    const { runId } = await client.start('price-list', input);
    const run = await client.settled(runId, 60_000);
    expect(run).toMatchObject({
      status: 'failed',
      failure: { code: 'too_large', message: expect.stringContaining('INTERLOCK_STORE_URL') },
    });
  });
});
