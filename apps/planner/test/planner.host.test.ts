import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits, ServiceHost } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import { topics } from '@interlock/contracts';
import { openMetrics, readConfiguration, wallClock } from '@interlock/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ModelServer, startModelServer } from '../../../test/models/model.server.ts';
import { PlanLogs } from '../../../test/models/plan.logs.ts';
import * as reply from '../../../test/models/reply.ts';
import { MODEL, publishing, requestOf } from '../src/plan.scenario.js';
import type { PlanState } from '../src/plan.state.js';
import { plannerSpec } from '../src/planner.module.js';

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 });

let directory: string;
let broker: Broker;
let logs: PlanLogs;
let server: ModelServer;
const hosts: ServiceHost<PlanState>[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planner-'));
  broker = await openEmbeddedBroker({ directory });
  await broker.createTopics(topics, 1);
  logs = await PlanLogs.open(broker);
  server = await startModelServer(() => reply.output({ place: 'here' }));
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  await server.stop();
  await broker.close();
  await rm(directory, { recursive: true });
});

async function startHost(drainMs = 1_000): Promise<ServiceHost<PlanState>> {
  const configuration = readConfiguration({
    INTERLOCK_MODEL: MODEL,
    INTERLOCK_MODEL_URL: server.url,
    INTERLOCK_MODEL_PRICES: '1,4',
  });
  const spec = plannerSpec(
    publishing(),
    wallClock,
    configuration,
    { info: () => {}, warn: () => {} },
    {
      standing: () => ({ kind: 'free' }),
      onChange: () => () => {},
    },
    openMetrics(),
  );
  const host = new ServiceHost<PlanState>(
    { ...spec, host: 'test', limits: { ...defaultLimits, drainMs } },
    {
      broker,
      runtime: wallClock,
      observer: { note: () => {}, stopped: () => {} },
      consequences: { quarantine: () => {} },
    },
  );
  hosts.push(host);
  await host.start(broker);
  return host;
}

const request = () => requestOf({ notAfter: Date.now() + 60_000 });

test('on a real log: what is allowed is asked once; what is denied, or allowed for another request, is not', async () => {
  await startHost();
  await logs.ask('denied', request(), { verdict: 'deny' });
  await logs.ask('other', request(), { callHash: 'of another' });
  await logs.ask('allowed', request());
  await eventually(async () => {
    expect((await logs.written('allowed')).map(({ type }) => type)).toEqual([
      'plan.attempt_started',
      'plan.proposed',
    ]);
  });
  expect(await logs.written('denied')).toEqual([]);
  expect(await logs.written('other')).toMatchObject([
    { data: { called: false, failure: { code: 'planner.wrong_hash' } } },
  ]);
  expect(server.asked).toHaveLength(1);
  const [started, proposed] = await logs.written('allowed');
  expect(started?.data).toMatchObject({ planId: 'allowed/1', body: server.asked[0]?.body });
  expect(proposed?.data).toMatchObject({ proposal: { output: { place: 'here' } }, model: MODEL });
});

test('an attempt whose host is gone is closed as called by the next one; its late answer changes nothing', async () => {
  let answer = (_: reply.Reply): void => {};
  server.script = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const first = await startHost(0);
  await logs.ask('slow', request());
  await eventually(() => expect(server.asked).toHaveLength(1));
  await first.stop();
  await startHost();
  await eventually(async () => {
    expect(await logs.written('slow')).toMatchObject([
      { type: 'plan.attempt_started' },
      { type: 'plan.failed', data: { called: true, failure: { code: 'planner.crashed' } } },
    ]);
  });
  answer(reply.output({ place: 'there' }));
  server.script = () => reply.output({ place: 'here' });
  await logs.ask('next', request());
  await eventually(async () => expect(await logs.written('next')).toHaveLength(2));
  expect(await logs.written('slow')).toHaveLength(2);
  expect(server.asked).toHaveLength(2);
});

test('what one host defers the next one asks', async () => {
  const first = await startHost();
  await logs.request('held', request());
  await logs.ask('other', request());
  await eventually(async () => expect(await logs.written('other')).toHaveLength(2));
  await first.stop();
  await startHost();
  await logs.allow('held');
  await eventually(async () => {
    expect((await logs.written('held')).map(({ type }) => type)).toEqual([
      'plan.attempt_started',
      'plan.proposed',
    ]);
  });
});
