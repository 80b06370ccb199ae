import type { Schedule } from '@interlock/contracts/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import type { SystemClient } from './system.client.ts';
import { startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('module-schedules');
});
afterAll(() => place.remove());

const started = (every: string) =>
  startSystem({
    dataDir: place.directory,
    environment: { INTERLOCK_MODULES: 'test/e2e/ticking.module.ts', TICKING_EVERY: every },
  });
const shown = async (client: SystemClient): Promise<Schedule> =>
  (await client.get<Schedule>('/v1/schedules/ticking')).body;

test('what a module says of its schedules holds after every start; people pause them', async () => {
  const first = await started('PT1S');
  await eventually('two runs to end', async () => {
    const runs = await first.client.runs();
    return runs.filter(({ status }) => status === 'completed').length >= 2;
  });
  expect(await shown(first.client)).toMatchObject({ by: 'module:ticking', every: 'PT1S', status: 'active' });
  const paused = await first.client.fetch('/v1/schedules/ticking', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paused: true }),
  });
  expect(paused.status).toBe(200);
  await first.stop();

  const second = await started('PT5S');
  expect(await shown(second.client)).toMatchObject({ by: 'module:ticking', every: 'PT5S', status: 'paused' });
  expect((await second.client.get<{ items: Schedule[] }>('/v1/schedules')).body.items).toHaveLength(1);
  await second.stop();
});
