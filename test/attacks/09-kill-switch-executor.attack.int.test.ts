import { join } from 'node:path';
import { controlEvents } from '@interlock/contracts';
import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { Person } from '../e2e/person.ts';
import type { Run } from '../e2e/system.client.ts';
import { BEATS, type Beat, beatsIn } from './beats.module.ts';
import { PrincipalServices } from './principal.services.ts';

/**
 * Provenance, section 3, on a real Kafka: calls that were allowed before a stop lie in an executor's input when it starts again, wakes up,
 * or cannot see what is stopped.
 */
const RUNS = 8;
/** How old an executor's look at `control.events` may be. */
const FRESH_MS = 1_000;
/** In the last scenario a call that is not started in this time is refused as expired. In the others calls do not expire; only the stop holds them back. */
const EXPIRY_MS = 8_000;

let services: PrincipalServices;
let admin: Admin;
let ada: Person;
const file = () => join(services.cluster.place.directory, 'beats.jsonl');
const executor = () => services.get('tool-executor');

beforeAll(async () => {
  services = await PrincipalServices.start((directory) => ({
    INTERLOCK_MODULES: 'test/attacks/beats.module.ts',
    BEATS_FILE: join(directory, 'beats.jsonl'),
  }));
  ada = new Person(services, 'ada', ['operator', 'admin']);
  admin = services.cluster.clientOf('admin').admin();
  await admin.connect();
}, 240_000);
afterAll(async () => {
  await admin?.disconnect();
  await services?.stop();
});

const beats = (): Beat[] => beatsIn(file());

/** Starts runs; resolves when policy has allowed the first call of each. */
async function allowed(): Promise<readonly string[]> {
  const runs = await Promise.all(
    Array.from({ length: RUNS }, async () => {
      const { body } = await ada.ask<Run>('POST', '/v1/runs', { workflow: 'beats', input: {} });
      return body.runId;
    }),
  );
  await each(runs, 'to have a verdict', async (run) =>
    (await ada.events(run)).some(({ type }) => type === 'verdict.recorded'),
  );
  return runs;
}

async function each(
  runs: readonly string[],
  what: string,
  holds: (run: string) => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const all = async () => (await Promise.all(runs.map(holds))).every(Boolean);
  await eventually(`${runs.length} runs ${what}`, all, withinMs);
}

interface Stop {
  readonly stopId: string;
}

async function stopAll(): Promise<Stop> {
  const said = { scope: { all: true }, reason: 'an emergency' };
  const { status, body } = await ada.ask<Stop>('POST', '/v1/control/stops', said);
  expect(status).toBe(202);
  return body;
}

const areParked = (runs: readonly string[], { stopId }: Stop) =>
  each(runs, `to wait for ${stopId}`, async (run) => {
    const { waitingFor = [] } = await ada.run(run);
    return waitingFor.some(({ kind, detail }) => kind === 'stop' && String(detail).includes(stopId));
  });

/** Everything that was stopped is made, and made once. */
async function lifted(stops: readonly Stop[], runs: readonly string[], before: number): Promise<void> {
  for (const { stopId } of stops) {
    const vote = { vote: 'approve', reason: 'over' };
    expect((await ada.ask('POST', `/v1/control/stops/${stopId}/votes`, vote)).status).toBe(202);
  }
  await each(runs, 'to complete', async (run) => (await ada.run(run)).status === 'completed', 90_000);
  const keys = beats()
    .slice(before)
    .map(({ key }) => key);
  expect([keys.length, new Set(keys).size]).toEqual([RUNS * BEATS, RUNS * BEATS]);
}

test('an executor that starts while a stop stands makes nothing of what was allowed before it', async () => {
  const before = beats().length;
  await executor().kill();
  const runs = await allowed();
  const stop = await stopAll();
  for (let starts = 0; starts < 3; starts += 1) {
    services.launch('tool-executor');
    if (starts < 2) {
      await eventually('the executor to be ready', () => executor().isReady(), 60_000);
      await executor().kill();
    }
  }
  await areParked(runs, stop);
  expect(beats()).toHaveLength(before);
  await lifted([stop], runs, before);
}, 240_000);

test('an executor that slept while everything was stopped wakes up and makes nothing', async () => {
  const before = beats().length;
  executor().signal('SIGSTOP');
  const runs = await allowed();
  const stop = await stopAll();
  executor().signal('SIGCONT');
  await areParked(runs, stop);
  expect(beats()).toHaveLength(before);
  await lifted([stop], runs, before);
}, 240_000);

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
/** Takes a right on `control.events` from the executor, whatever else it is given. */
const denialOf = (operation: kafkajs.AclOperationTypes) => ({
  resourceType: AclResourceTypes.TOPIC,
  resourceName: controlEvents.name,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:tool-executor',
  host: '*',
  operation,
  permissionType: AclPermissionTypes.DENY,
});
const noEnd = denialOf(AclOperationTypes.DESCRIBE);
const nothing = denialOf(AclOperationTypes.ALL);

/** Resolves when the executor cannot see where `control.events` ends, and has last seen it too long ago. */
async function blinded(): Promise<void> {
  const from = Date.now();
  await admin.createAcls({ acl: [noEnd] });
  const lastLook = () =>
    executor().log.find(
      ({ time = 0, msg }) =>
        time >= from && String(msg).startsWith('the end of control.events cannot be read'),
    )?.time;
  await eventually('the executor to say that it sees nothing', () => lastLook() !== undefined);
  await eventually('its last look to be old', () => Date.now() - (lastLook() ?? Date.now()) > FRESH_MS);
}

const isExpired = async (run: string): Promise<boolean> =>
  (await ada.events(run)).some(
    ({ type, data }) => type === 'call.recorded' && JSON.stringify(data.outcome).includes('"expired"'),
  );

test('an executor that may not read control.events ends, starts nothing when it is started again, and goes on with its right', async () => {
  const before = beats().length;
  await admin.createAcls({ acl: [nothing] });
  expect(await executor().ended).toBe(70);
  const runs = await allowed();
  services.launch('tool-executor');
  const ends = await executor().ended;
  expect(ends).not.toBe(0);
  expect(beats()).toHaveLength(before);
  await admin.deleteAcls({ filters: [nothing] });
  await services.bringUp('tool-executor');
  await lifted([], runs, before);
}, 360_000);

test('an executor that cannot see the end of control.events starts nothing, stop or no stop, and goes on when it can', async () => {
  await services.restart('orchestrator', { INTERLOCK_START_WITHIN_MS: String(EXPIRY_MS) });
  const before = beats().length;
  await blinded();
  const runs = await allowed();
  // It has looked at these calls, and refuses them for want of a start in time: so nothing but the unknown has kept it from making them.
  await each(runs, 'to have a call that came too late', isExpired);
  expect(beats()).toHaveLength(before);
  const stop = await stopAll();
  await admin.deleteAcls({ filters: [noEnd] });
  await areParked(runs, stop);
  expect(beats()).toHaveLength(before);
  await lifted([stop], runs, before);
}, 360_000);
