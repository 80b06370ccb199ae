import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pricedIn } from './catalogue.module.ts';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import { startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('values');
});
afterAll(() => place.remove());

const file = () => join(place.directory, 'prices.jsonl');
const options = () => ({
  dataDir: join(place.directory, 'data'),
  environment: { INTERLOCK_MODULES: 'test/e2e/catalogue.module.ts', CATALOGUE_FILE: file() },
});

describe('an output of 1 MB', () => {
  test('is gone through item by item, and makes another one, although the process is killed in the middle', async () => {
    const products = 200;
    let system = await startSystem(options());
    const { runId } = await system.client.start('price-list', { products, bytes: 5_300 });
    await eventually('some prices to be set', () => pricedIn(file()).length > 20);
    await system.stop('SIGKILL');
    system = await startSystem(options());
    const run = await system.client.settled(runId);
    expect(run).toMatchObject({ status: 'completed', success: true });
    const keys = new Set(pricedIn(file()).map(({ key }) => key));
    expect(keys.size).toBe(products);

    const events = await system.client.events(runId);
    const largest = Math.max(...events.map((event) => JSON.stringify(event).length));
    expect(largest).toBeLessThan(64 * 1024);
    await system.stop();
  }, 240_000);
});
