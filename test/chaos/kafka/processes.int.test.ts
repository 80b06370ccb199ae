import { join } from 'node:path';
import { seededRandom } from '@interlock/simulation';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsIn } from '../../e2e/log.check.ts';
import { newPlace } from '../../e2e/place.ts';
import { PeopleOfTheCompany } from '../processes.people.ts';
import {
  expectWorkEnds,
  instant,
  jobsOf,
  modules,
  requestsIn,
  SoonSchedules,
} from '../processes.scenario.ts';
import { Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import type { ServiceName } from './service.process.ts';
import { shuffled } from './shuffled.ts';

const ROUNDS = Number(process.env.PROCESSES_ROUNDS ?? 1);
const KILLS = Number(process.env.PROCESSES_KILLS ?? 4);
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const killed = ['orchestrator', 'tool-executor'] as const satisfies readonly ServiceName[];
const victims = Array.from({ length: KILLS }, (_, kill) => killed[kill % killed.length] ?? 'orchestrator');

let place: Awaited<ReturnType<typeof newPlace>>;
let system: KafkaSystem;
const world = () => join(place.directory, 'world.jsonl');
beforeEach(async () => {
  place = await newPlace('kafka-processes');
  system = await KafkaSystem.start({
    apart: killed,
    environment: { INTERLOCK_MODULES: modules, PROCESSES_WORLD: world(), PROCESSES_PAUSE_MS: '30' },
  });
});
afterEach(async () => {
  await system?.stop();
  await place.remove();
});

test(`twenty processes come to the end that their stories tell, although orchestrator and executor are killed ${KILLS} times`, {
  timeout: 300_000 + KILLS * 30_000 + ROUNDS * 60_000,
}, async () => {
  console.log(`seed ${SEED}`);
  const random = seededRandom(SEED);
  const { client } = system;
  const jobs = jobsOf(ROUNDS);
  const submitter = new Submitter(jobs);
  const soon = new SoonSchedules(ROUNDS, '4s');
  const people = new PeopleOfTheCompany(client, world());
  people.start();
  for (const [at, victim] of shuffled(victims, random).entries()) {
    const working = Promise.all([
      submitter.submit(client, Math.ceil(jobs.length / KILLS)),
      soon.set(client).catch(() => undefined),
    ]);
    await instant(random, 300, 3_000);
    await system.service(victim).kill();
    await working;
    await soon.pauseStarted(client).catch(() => undefined);
    // Every third kill falls while the system still recovers from the one before.
    if (at % 3 !== 2) await system.ready();
  }
  await system.ready();
  await expectWorkEnds(client, { submitter, soon, people, worldFile: world(), kills: KILLS }, 180_000);
  expect(await system.stopServices()).toEqual([]);
  expect(violationsIn(await system.recorder.complete(), requestsIn(world()))).toEqual([]);
});
