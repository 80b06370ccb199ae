import { join } from 'node:path';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import { type Message, topics } from '@interlock/contracts';
import { afterEach, expect, test } from 'vitest';
import { MODEL, requestOf } from '../../apps/planner/src/plan.scenario.js';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import { startSystem } from '../e2e/system.process.ts';
import { type ModelServer, startModelServer } from './model.server.ts';
import { PlanLogs, writtenAbout } from './plan.logs.ts';
import * as reply from './reply.ts';

const KILLS = 6;
const KEY = 'sk-of-this-test-alone';

const done: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of done.splice(0).reverse()) await undo();
});

async function withBroker<T>(directory: string, work: (logs: PlanLogs) => Promise<T>): Promise<T> {
  const broker = await openEmbeddedBroker({ directory });
  try {
    await broker.createTopics(topics, 1);
    return await work(await PlanLogs.open(broker));
  } finally {
    await broker.close();
  }
}

async function written(directory: string, run: string): Promise<Message[]> {
  const broker = await openEmbeddedBroker({ directory });
  try {
    return await writtenAbout(broker, run);
  } finally {
    await broker.close();
  }
}

const environmentOf = (server: ModelServer) => ({
  INTERLOCK_PARTITIONS: '1',
  INTERLOCK_MODEL: MODEL,
  INTERLOCK_MODEL_URL: server.url,
  INTERLOCK_MODEL_KEY: KEY,
  INTERLOCK_MODEL_PRICES: '1,4',
});

test(`a planner killed with kill -9 between call and record, ${KILLS} times: each call is charged and none is made again`, async () => {
  const { directory, remove } = await newPlace('planner');
  done.push(remove);
  const dataDir = join(directory, 'data');
  const server = await startModelServer(({ number }) => (number % 2 === 0 ? reply.hung : reply.stalled), {
    key: KEY,
  });
  done.push(() => server.stop());
  const runs = Array.from({ length: KILLS }, (_, place) => `run-${place}`);
  const logged: unknown[] = [];
  for (const [place, run] of runs.entries()) {
    const request = requestOf({ tools: [], notAfter: Date.now() + 600_000, timeoutMs: 600_000 });
    await withBroker(dataDir, (logs) => logs.ask(run, request));
    const planner = await startSystem({ dataDir, services: ['planner'], environment: environmentOf(server) });
    await eventually('the model to be asked', () => server.asked.length === place + 1);
    expect(await planner.stop('SIGKILL')).toBe('SIGKILL');
    logged.push(...planner.log);
  }
  server.script = () => reply.output({ place: 'here' });
  const last = 'last';
  await withBroker(dataDir, (logs) =>
    logs.ask(last, requestOf({ tools: [], notAfter: Date.now() + 600_000 })),
  );
  const planner = await startSystem({ dataDir, services: ['planner'], environment: environmentOf(server) });
  await eventually('the last to be asked', () => server.asked.length === KILLS + 1);
  await planner.stop();
  logged.push(...planner.log);

  for (const run of runs) {
    const [started, failed, ...more] = await written(dataDir, run);
    expect(more).toEqual([]);
    expect(started).toMatchObject({ type: 'plan.attempt_started', data: { planId: `${run}/1` } });
    expect(failed).toMatchObject({
      type: 'plan.failed',
      data: { called: true, failure: { class: 'outcome_unknown', code: 'planner.crashed' } },
    });
    expect(failed?.data).not.toHaveProperty('usage');
    expect(JSON.stringify([started, failed])).not.toContain(KEY);
  }
  expect((await written(dataDir, last)).map(({ type }) => type)).toEqual([
    'plan.attempt_started',
    'plan.proposed',
  ]);
  expect(server.asked).toHaveLength(KILLS + 1);
  expect(server.broken).toEqual([]);
  expect(JSON.stringify(logged)).not.toContain(KEY);
});
