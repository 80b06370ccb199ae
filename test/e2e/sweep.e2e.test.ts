import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseKeySet } from '@interlock/authority';
import { sha256 } from '@interlock/contracts';
import { linesOf, verifyExport } from '@interlock/evidence';
import { FileStore } from '@interlock/values';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import { scrape } from './scrape.ts';
import { startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('sweep');
});
afterAll(() => place.remove());

const dataDir = () => join(place.directory, 'data');
const environment = (sweepHours: string) => ({
  INTERLOCK_MODULES: 'test/e2e/catalogue.module.ts',
  CATALOGUE_FILE: join(place.directory, 'prices.jsonl'),
  INTERLOCK_SWEEP_HOURS: sweepHours,
  INTERLOCK_SWEEP_AFTER_HOURS: '0',
});
const SOON = '0.0005';
const LEFT = 400;

test('what a process left behind that no event names is removed, though another one is killed while it does so; what is named stays', async () => {
  const store = new FileStore(join(dataDir(), 'values'));
  let system = await startSystem({ dataDir: dataDir(), environment: environment('0') });
  const { runId } = await system.client.start('price-list', { products: 60, bytes: 2_000 });
  await system.client.settled(runId);
  const named = (await store.list(runId)).map(({ hash }) => hash);
  expect(named.length).toBeGreaterThan(1);
  await system.stop('SIGKILL');

  for (let at = 0; at < LEFT; at += 1) {
    const bytes = Buffer.from(`left behind ${at}`);
    await store.put({ family: runId, hash: sha256(bytes) }, bytes);
    if (at % 40 === 0) await store.put({ family: `stranger-${at}`, hash: sha256(bytes) }, bytes);
  }
  const held = async () => (await store.list(runId)).length;
  system = await startSystem({ dataDir: dataDir(), environment: environment(SOON) });
  await eventually('the sweep to have begun', async () => (await held()) < named.length + LEFT, 60_000, 1);
  await system.stop('SIGKILL');

  system = await startSystem({ dataDir: dataDir(), environment: environment(SOON) });
  await eventually('all of it to be removed', async () => (await held()) === named.length);
  const passes = async () => {
    const lines = [...(await scrape(system.client.url))];
    return lines.find(([line]) => line.startsWith('interlock_value_sweeps_total'))?.[1] ?? 0;
  };
  const before = await passes();
  await eventually('another pass', async () => (await passes()) > before + 1);
  expect((await store.list(runId)).map(({ hash }) => hash).sort()).toEqual(named.sort());
  expect(await store.families(undefined, 100)).toHaveLength(1 + LEFT / 40);

  const keys = parseKeySet((await system.client.get('/v1/keys')).body);
  await eventually('the export to be whole', async () => {
    const headers = { accept: 'application/x-ndjson' };
    const text = await (await system.client.fetch(`/v1/runs/${runId}/events`, { headers })).text();
    return (await verifyExport(linesOf(Readable.from([Buffer.from(text)])), keys)).ok;
  });
  await system.stop();
}, 240_000);
