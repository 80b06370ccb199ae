import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';
import { spawnSystem, startSystem } from '../e2e/system.process.ts';
import { linesOf } from './ledger.module.ts';
import { createTicking, expectEachOnce, pauseUpToDate, untilAround } from './schedule.check.ts';

/** A long run sets this. */
const KILLS = Number(process.env.SCHEDULE_KILLS ?? 6);

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('schedules');
});
afterAll(() => place.remove());

const ledger = () => join(place.directory, 'ledger.jsonl');
const options = () => ({
  dataDir: join(place.directory, 'data'),
  environment: {
    INTERLOCK_MODULES: 'test/chaos/ledger.module.ts',
    LEDGER_FILE: ledger(),
    LEDGER_PAUSE_MS: '5',
  },
});

test(`every due time starts exactly one run, although the process is killed ${KILLS} times around them`, {
  timeout: 360_000 + KILLS * 20_000,
}, async () => {
  const first = await startSystem(options());
  const anchors = await createTicking(first.client);
  await first.stop('SIGKILL');
  for (let kill = 0; kill < KILLS; kill++) await killAround(kill, anchors.get('allow') ?? 0);

  const system = await startSystem(options());
  for (const name of anchors.keys()) await pauseUpToDate(system.client, name);
  const report: string[] = [];
  for (const [name, anchor] of anchors) report.push(await expectEachOnce(system.client, name, anchor));
  const runs = await system.client.runs();
  const ended = await Promise.all(runs.map(({ runId }) => system.client.settled(runId)));
  expect(ended.filter(({ status }) => status !== 'completed')).toEqual([]);
  expect(new Set(linesOf(ledger()).map(({ key }) => key)).size).toBe(runs.length);
  console.log(`${KILLS} kills; ${report.join('; ')}`);
  await system.stop();
});

/** Every fourth time while it starts. */
async function killAround(kill: number, anchor: number): Promise<void> {
  const system = kill % 4 === 3 ? await spawnSystem(options()) : await startSystem(options());
  await after(untilAround(kill, anchor));
  await system.stop('SIGKILL');
}
