import { join } from 'node:path';
import { seededRandom } from '@interlock/simulation';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { newPlace } from '../../e2e/place.ts';
import { PeopleOfTheCompany } from '../processes.people.ts';
import {
  allEnded,
  expectStories,
  familiesOf,
  instant,
  jobsOf,
  modules,
  requestsIn,
  SoonSchedules,
  tallyOf,
  unverified,
} from '../processes.scenario.ts';
import { processes } from '../processes.stories.ts';
import { Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import type { ServiceName } from './service.process.ts';
import { shuffled } from './shuffled.ts';

const ROUNDS = Number(process.env.PROCESSES_ROUNDS ?? 1);
const KILLS = Number(process.env.PROCESSES_KILLS ?? 6);
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
  while (submitter.left > 0) await submitter.submit(client, 50);
  await soon.set(client);
  await eventually('every schedule to have started runs', () => soon.pauseStarted(client), 90_000, 200);
  const runs = await allEnded(client, 180_000);
  await people.stop();
  const families = await familiesOf(client, runs);
  console.log(
    [
      `${families.length} runs with ${runs.length - families.length} children, ${KILLS} kills`,
      `people voted ${people.votes} times, signalled ${people.signals} times, filled ${people.forms} forms in`,
      ...[...people.decisions].map(([what, times]) => `  ${times} ${what}`),
      tallyOf(families.map(({ root }) => root)),
    ].join('\n'),
  );
  expect(people.refused).toEqual([]);
  expectStories(families, world());
  const submitted = new Set([...submitter.accepted.values()].map(({ runId }) => runId));
  const bySchedules = families.filter(({ root }) => !submitted.has(root.runId));
  expect(new Set(bySchedules.map(({ root }) => root.workflow.name))).toEqual(new Set(processes));
  expect(await unverified(client, runs)).toEqual([]);
  expect(await system.stopServices()).toEqual([]);
  expect(violationsIn(await system.recorder.complete(), requestsIn(world()))).toEqual([]);
});
