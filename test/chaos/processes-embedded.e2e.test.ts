import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { seededRandom } from '@interlock/simulation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsIn } from '../e2e/log.check.ts';
import { newPlace } from '../e2e/place.ts';
import { readStoredLog } from '../e2e/stored.log.ts';
import type { SystemClient } from '../e2e/system.client.ts';
import { keysOf, type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { PeopleOfTheCompany } from './processes.people.ts';
import {
  expectWorkEnds,
  exportOf,
  instant,
  jobsOf,
  modules,
  requestsIn,
  SoonSchedules,
} from './processes.scenario.ts';
import { Submitter } from './workload.ts';

/** A long run sets these: PROCESSES_ROUNDS=10 PROCESSES_KILLS=40 CHAOS_SEED=7 vitest run ... */
const ROUNDS = Number(process.env.PROCESSES_ROUNDS ?? 1);
const KILLS = Number(process.env.PROCESSES_KILLS ?? 5);
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('processes');
});
afterAll(() => place.remove());

const dataDir = () => join(place.directory, 'data');
const world = () => join(place.directory, 'world.jsonl');
const options = () => ({
  dataDir: dataDir(),
  environment: { INTERLOCK_MODULES: modules, PROCESSES_WORLD: world(), PROCESSES_PAUSE_MS: '15' },
});

test(`twenty processes come to the end that their stories tell, although everything is killed ${KILLS} times`, {
  timeout: 240_000 + KILLS * 20_000 + ROUNDS * 60_000,
}, async () => {
  console.log(`seed ${SEED}`);
  const random = seededRandom(SEED);
  const jobs = jobsOf(ROUNDS);
  const submitter = new Submitter(jobs);
  const soon = new SoonSchedules(ROUNDS, '4s');
  let system: SystemProcess | undefined;
  const address = {
    get url() {
      return system?.client.url ?? 'http://127.0.0.1:9';
    },
    keys: keysOf(options()),
  };
  const people = new PeopleOfTheCompany(address, world());
  people.start();
  for (let kill = 0; kill < KILLS; kill += 1) {
    system = await startSystem(options());
    const { client } = system;
    const working = Promise.all([
      submitter.submit(client, Math.ceil(jobs.length / KILLS)),
      soon.set(client).catch(() => undefined),
      instant(random, 200, 2_500).then(() => soon.pauseStarted(client).catch(() => undefined)),
    ]);
    await instant(random, 300, 3_000);
    await system.stop('SIGKILL');
    await working;
  }
  system = await startSystem(options());
  const { client } = system;
  const families = await expectWorkEnds(
    client,
    { submitter, soon, people, worldFile: world(), kills: KILLS },
    120_000,
  );
  await verifiedByCommandLine(client, families[0]?.root.runId ?? '');
  expect(await system.stop()).not.toBe('SIGKILL');
  expect(violationsIn(await readStoredLog(dataDir()), requestsIn(world()))).toEqual([]);
});

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** As an auditor does it: with two files, and nobody to ask. */
async function verifiedByCommandLine(client: SystemClient, runId: string): Promise<void> {
  const file = join(place.directory, 'run.ndjson');
  const keys = join(place.directory, 'keys.json');
  writeFileSync(file, await (await exportOf(client, runId)).text());
  writeFileSync(keys, await (await client.fetch('/v1/keys')).text());
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['apps/cli/dist/main.js', 'verify', file, '--keys', keys, '--deep'],
    { cwd: checkout },
  );
  expect(stdout).toContain(`run ${runId}`);
}
