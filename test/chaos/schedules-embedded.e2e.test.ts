import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { runIdOfKey } from '@interlock/contracts';
import type { Schedule } from '@interlock/contracts/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import type { SystemClient } from '../e2e/system.client.ts';
import { spawnSystem, startSystem } from '../e2e/system.process.ts';
import { linesOf } from './ledger.module.ts';

/** A long run sets this. */
const KILLS = Number(process.env.SCHEDULE_KILLS ?? 10);
const EVERY_MS = 1_000;
/** Attempts of a schedule to find a name for a run that lies in its own partition. */
const NAMES_MAX = 500;

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
  timeout: 120_000 + KILLS * 20_000,
}, async () => {
  const first = await startSystem(options());
  const anchors = new Map<string, number>();
  for (const overlap of ['allow', 'queue']) {
    const body = {
      name: overlap,
      workflow: 'ledger-keyed',
      input: { entry: overlap },
      every: 'PT1S',
      overlap,
    };
    const { status, body: made } = await first.client.post<Schedule>('/v1/schedules', body);
    expect(status).toBe(201);
    anchors.set(overlap, Date.parse(made.createdAt));
  }
  await first.stop('SIGKILL');
  for (let kill = 0; kill < KILLS; kill++) await killAround(kill, anchors.get('allow') ?? 0);

  const system = await startSystem(options());
  const caughtUp = await Promise.all([...anchors.keys()].map((name) => upToDate(system.client, name)));
  for (const { name } of caughtUp) await paused(system.client, name);
  const report: string[] = [];
  for (const [name, anchor] of anchors) report.push(await expectEachOnce(system.client, name, anchor));
  const runs = await system.client.runs();
  const ended = await Promise.all(runs.map(({ runId }) => system.client.settled(runId)));
  expect(ended.filter(({ status }) => status !== 'completed')).toEqual([]);
  expect(new Set(linesOf(ledger()).map(({ key }) => key)).size).toBe(runs.length);
  console.log(`${KILLS} kills; ${report.join('; ')}`);
  await system.stop();
});

/** Kills it between 200 ms in front of a due time and 200 ms behind it; every fourth time while it starts. */
async function killAround(kill: number, anchor: number): Promise<void> {
  const system = kill % 4 === 3 ? await spawnSystem(options()) : await startSystem(options());
  const untilDue = EVERY_MS - ((Date.now() - anchor) % EVERY_MS);
  await after(Math.max(0, untilDue + ((kill * 67) % 400) - 200));
  await system.stop('SIGKILL');
}

const shown = async (client: SystemClient, name: string): Promise<Schedule> =>
  (await client.get<Schedule>(`/v1/schedules/${name}`)).body;

async function upToDate(client: SystemClient, name: string): Promise<Schedule> {
  await eventually(`${name} to have dealt with everything that was due`, async () => {
    const { last, queued } = await shown(client, name);
    return Date.parse(last.at(-1)?.due ?? '') > Date.now() - 2 * EVERY_MS && queued.length < 3;
  });
  return shown(client, name);
}

async function paused(client: SystemClient, name: string): Promise<void> {
  const response = await client.fetch(`/v1/schedules/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paused: true }),
  });
  expect(response.status).toBe(200);
}

/** Due times are counted from the anchor; the names of their runs follow from them. */
async function expectEachOnce(client: SystemClient, name: string, anchor: number): Promise<string> {
  const { last, queued } = await shown(client, name);
  const runs = (await client.runs()).filter(({ input }) => (input as { entry: string }).entry === name);
  const ids = new Set(runs.map(({ runId }) => runId));
  const dealtWith = last.findLast(({ outcome }) => outcome !== 'changed');
  const until = Date.parse(dealtWith?.due ?? '');
  const missed: string[] = [];
  let started = 0;
  for (let due = anchor + EVERY_MS; due <= until; due += EVERY_MS) {
    const found = namesOf(name, due).filter((runId) => ids.has(runId));
    expect(found.length).toBeLessThanOrEqual(1);
    started += found.length;
    const text = new Date(due).toISOString();
    if (found.length === 0 && !queued.includes(text)) missed.push(text);
  }
  expect(missed).toEqual([]);
  expect(started).toBe(runs.length);
  return `${name}: ${started} due times, as many runs, ${queued.length} queued`;
}

const namesOf = (name: string, due: number): string[] =>
  Array.from({ length: NAMES_MAX }, (_, tried) =>
    runIdOfKey({ sub: 'olga' }, `schedule/${name}/${due}${tried === 0 ? '' : `/${tried}`}`),
  );
