import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { Person } from '../e2e/person.ts';
import { newPlace } from '../e2e/place.ts';
import type { Run } from '../e2e/system.client.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { BEATS, beatsIn } from './beats.module.ts';

/** Provenance, section 3: nothing could be stopped but by ending the processes. The kill switch, thrown while fifty runs are calling. */

const RUNS = 50;

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
let ada: Person;
const file = () => join(place.directory, 'beats.jsonl');

async function start(): Promise<void> {
  const dataDir = join(place.directory, 'data');
  system = await startSystem({
    dataDir,
    environment: { INTERLOCK_MODULES: 'test/attacks/beats.module.ts', BEATS_FILE: file() },
  });
  ada = new Person({ url: system.client.url, keys: join(dataDir, 'keys') }, 'ada', ['operator', 'admin']);
}

beforeEach(async () => {
  place = await newPlace('kill-switch');
  await start();
});
afterEach(async () => {
  await system.stop('SIGKILL');
  await place.remove();
});

const begun = (calls: number) =>
  eventually(`${calls} calls to begin`, async () => beatsIn(file()).length >= calls);

async function runs(): Promise<Run[]> {
  return (await ada.ask<{ items: Run[] }>('GET', '/v1/runs?limit=500')).body.items;
}

interface Stop {
  readonly stopId: string;
  readonly stoppedAt: string;
}

async function stop(scope: object): Promise<Stop> {
  const { status, body } = await ada.ask<Stop>('POST', '/v1/control/stops', {
    scope,
    reason: 'an emergency',
  });
  expect(status).toBe(202);
  return body;
}

const lift = ({ stopId }: Stop) =>
  ada.ask('POST', `/v1/control/stops/${stopId}/votes`, { vote: 'approve', reason: 'over' });

const isParked = ({ waitingFor = [] }: Run, { stopId }: Stop): boolean =>
  waitingFor.length > 0 &&
  waitingFor.every(({ kind, detail }) => kind === 'stop' && String(detail).includes(stopId));

test('after the 202 no call begins, also after a restart; what is lifted goes on, and nothing happens twice', async () => {
  for (let n = 0; n < RUNS; n += 1) await ada.ask('POST', '/v1/runs', { workflow: 'beats', input: {} });
  await begun(RUNS);
  const asked = Date.now();
  const thrown = await stop({ all: true });
  const answered = Date.now();
  await eventually('every run to be parked or done', async () =>
    (await runs()).every((run) => run.status === 'completed' || isParked(run, thrown)),
  );
  await system.stop('SIGKILL');
  await start();
  await eventually('every run to be parked or done again', async () =>
    (await runs()).every((run) => run.status === 'completed' || isParked(run, thrown)),
  );
  const calls = beatsIn(file());
  const last = Math.max(...calls.map(({ at }) => at));
  process.stdout.write(
    `${calls.length} of ${RUNS * BEATS} calls had begun; the stop was in the log after ${Date.parse(thrown.stoppedAt) - asked} ms, the last call began ${last - Date.parse(thrown.stoppedAt)} ms after that, the 202 came ${answered - asked} ms after the request\n`,
  );
  expect(calls.length).toBeLessThan(RUNS * BEATS);
  expect(last).toBeLessThanOrEqual(answered);
  expect((await lift(thrown)).status).toBe(202);
  await eventually('every run to complete', async () =>
    (await runs()).every(({ status }) => status === 'completed'),
  );
  const keys = beatsIn(file()).map(({ key }) => key);
  expect([keys.length, new Set(keys).size]).toEqual([RUNS * BEATS, RUNS * BEATS]);
});

test('a stop of something else stops nothing', async () => {
  await stop({ tool: 'mail.send' });
  await stop({ workflow: 'other' });
  const { body } = await ada.ask<Run>('POST', '/v1/runs?wait=20s', { workflow: 'beats', input: {} });
  expect(body.status).toBe('completed');
});
