import { randomUUID } from 'node:crypto';
import { partitionOf } from '@interlock/broker';
import {
  approvalEvents,
  artifactCommands,
  defineEvent,
  policyEvents,
  runCommands,
  runEvents,
  toolEvents,
  toolHandover,
  topics,
} from '@interlock/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from './eventually.ts';
import { Forger } from './forger.ts';
import { violationsIn } from './log.check.ts';
import { newPlace } from './place.ts';
import { acceptedOf, readStoredLog, type StoredLog, withStoredLog } from './stored.log.ts';
import type { Run, SystemClient } from './system.client.ts';
import { spawnSystem, startSystem } from './system.process.ts';

const PARTITIONS = 4;

let place: Awaited<ReturnType<typeof newPlace>>;
beforeEach(async () => {
  place = await newPlace('bad-messages');
});
afterEach(() => place.remove());

const dataDir = () => `${place.directory}/data`;
const options = () => ({
  dataDir: dataDir(),
  environment: {
    INTERLOCK_MODULES: 'test/e2e/errands.module.ts',
    ERRANDS_FILE: `${place.directory}/errands`,
    INTERLOCK_PARTITIONS: String(PARTITIONS),
  },
});

/** Creates the topics, and a run of each partition that has completed. */
async function prepare(): Promise<void> {
  const system = await startSystem(options());
  await completeEverywhere(system.client);
  await system.stop();
}

const partitionOfRun = (runId: string): number => partitionOf(runId, PARTITIONS);

/** Starts runs until every partition has `each`; in no order. */
async function startEverywhere(client: SystemClient, each = 2): Promise<Run[]> {
  const runs: Run[] = [];
  const has = (partition: number) => runs.filter(({ runId }) => partitionOfRun(runId) === partition).length;
  while (Array.from({ length: PARTITIONS }, (_, partition) => has(partition)).some((count) => count < each)) {
    runs.push(await client.start('write', { id: `run-${randomUUID()}`, pauseMs: 0 }));
  }
  return runs;
}

async function completeEverywhere(client: SystemClient): Promise<void> {
  const runs = await startEverywhere(client);
  const ended = await Promise.all(runs.map(({ runId }) => client.settled(runId)));
  expect(ended.map(({ status }) => status)).toEqual(runs.map(() => 'completed'));
}

const bytes = (text: string) => Buffer.from(text);
const quarantinedIn = (log: StoredLog, service: string) =>
  (log.get(`${service}.quarantine`) ?? []).flat().map(({ value }) => {
    const { topic, partition, offset, code } = JSON.parse(Buffer.from(value ?? []).toString('utf8'));
    return { topic, at: `${partition}/${offset}`, code };
  });

/** What nobody can take, on a plain topic; answers with the places it got. */
async function litter(
  forger: Forger,
  topic: typeof runCommands,
  partition: number,
  type: string,
): Promise<string[]> {
  const runId = randomUUID();
  const garbage = {
    key: 'k',
    headers: { t: bytes('\xff\xfe'), m: bytes('{'), h: bytes('x') },
    value: bytes('\x00\xff'),
  };
  const offsets = [
    await forger.send(topic, partition, garbage),
    await forger.send(topic, partition, { key: 'k', headers: {}, value: bytes('{"a":1}') }),
    await forger.send(topic, partition, { key: 'k', headers: {}, value: null }),
    await forger.sendMessage(topic, partition, runId, 'run.teleport/1', { runId }),
    await forger.sendMessage(topic, partition, runId, `${type}/99`, { runId }),
    await forger.sendMessage(topic, partition, runId, `${type}/1`, { runId: 7 }),
    await forger.sendMessage(topic, partition, runId, `${type}/1`, [[[]]]),
    await forger.sendMessage(topic, partition, runId, `${type}/0x1`, {}),
    await forger.sendMessage(topic, partition, runId, '', {}),
  ];
  return offsets.map((offset) => `${partition}/${offset}`);
}

test('what nobody can take on a plain topic is quarantined with its cause, and the service goes on', async () => {
  await prepare();
  const littered = await withStoredLog(dataDir(), async (broker) => {
    const forger = new Forger(broker);
    return {
      orchestrator: [
        ...(await litter(forger, runCommands, 1, 'run.start')),
        ...(await litter(forger, runCommands, 2, 'run.cancel')),
      ],
      registry: await litter(forger, artifactCommands, 0, 'artifact.publish'),
      'tool-executor': await litter(forger, toolHandover, 3, 'handover.outcome'),
    };
  });

  const system = await startSystem(options());
  await completeEverywhere(system.client);
  expect(await system.client.status('/readyz')).toBe(200);
  await system.stop();
  const again = await startSystem(options());
  await completeEverywhere(again.client);
  await again.stop();

  const log = await readStoredLog(dataDir());
  for (const [service, places] of Object.entries(littered)) {
    const found = quarantinedIn(log, service);
    expect({ service, at: found.map(({ at }) => at).sort() }).toEqual({ service, at: [...places].sort() });
    expect(found.every(({ code }) => typeof code === 'string' && code !== '')).toBe(true);
  }
  expect(violationsIn(log)).toEqual([]);
  console.log(`${Object.values(littered).flat().length} bad messages on plain topics, each quarantined once`);
});

test('records without our headers on fenced topics are ignored by every reader', async () => {
  await prepare();
  const fenced = topics.filter(({ kind }) => kind === 'fenced');
  await withStoredLog(dataDir(), async (broker) => {
    const forger = new Forger(broker);
    for (const topic of fenced) {
      for (let partition = 0; partition < (await broker.partitions(topic.name)); partition++) {
        await forger.send(topic, partition, { key: 'k', headers: {}, value: bytes('{}') });
        await forger.send(topic, partition, {
          key: 'k',
          headers: { t: bytes('run.started/1') },
          value: null,
        });
        await forger.sendMessage(topic, partition, 'nobody', 'run.completed/1', { output: 1, success: true });
      }
    }
  });
  const system = await startSystem(options());
  await completeEverywhere(system.client);
  await system.stop();
  expect(violationsIn(await readStoredLog(dataDir()))).toEqual([]);
});

const FromTheFuture = defineEvent('future.teleported', 7, z.object({ to: z.string() }));

test.each([approvalEvents, policyEvents, toolEvents, runEvents])(
  'an unknown type on $name stops what reads that partition of it and nothing else',
  async (topic) => {
    await prepare();
    const stopped = 2;
    await withStoredLog(dataDir(), async (broker) => {
      let runId = randomUUID();
      while (partitionOfRun(runId) !== stopped) runId = randomUUID();
      await new Forger(broker).append(topic, runId, FromTheFuture({ to: 'a' }), { version: 7 });
    });

    const system = await spawnSystem(options());
    await eventually('runs to be accepted', async () => (await system.client.status('/v1/runs')) === 200);
    const runs = await startEverywhere(system.client);
    const others = runs.filter(({ runId }) => partitionOfRun(runId) !== stopped);
    for (const { runId } of others) {
      expect(await system.client.settled(runId)).toMatchObject({ status: 'completed' });
    }
    const { status, body } = await system.client.get<{ detail: string }>('/readyz');
    console.log(`/readyz ${status}: ${body.detail}\n${others.length} runs on other partitions completed`);
    expect(status).toBe(503);
    expect(body.detail).toContain(topic.name);
    expect(body.detail).toContain('future.teleported/7');
    expect(body.detail).toContain(`partition ${stopped}`);
    expect(system.ended).toBeUndefined();
    const stoppingAt = performance.now();
    await system.stop();
    console.log(`stopped within ${Math.round(performance.now() - stoppingAt)} ms`);
    const worked = new Set(others.map(({ runId }) => runId));
    const violations = violationsIn(await readStoredLog(dataDir()));
    expect(violations.filter(({ run }) => run !== undefined && worked.has(run))).toEqual([]);
  },
);

const BrokenSuccess = defineEvent('tool.succeeded', 1, z.object({ requestId: z.string() }));

test('an outcome that breaks its contract is quarantined, and the run that waits for it is escalated', async () => {
  const services = ['registry', 'orchestrator', 'policy', 'gateway'];
  const before = await startSystem({ ...options(), services });
  const { runId } = await before.client.start('read', { id: 'broken', pauseMs: 0 });
  const bystander = await before.client.start('write', { id: 'bystander', pauseMs: 0 });
  await eventually('the calls to be allowed', async () => {
    const events = await Promise.all([runId, bystander.runId].map((id) => before.client.events(id)));
    return events.every((all) => all.some(({ type }) => type === 'verdict.recorded'));
  });
  await before.stop();
  const requestedCall = acceptedOf(await readStoredLog(dataDir()), runEvents.name).find(
    ({ type, accepted }) => type === 'call.requested' && accepted.meta.run === runId,
  );
  const requestId = requestedCall?.meta.id ?? '';
  await withStoredLog(dataDir(), (broker) =>
    new Forger(broker).append(toolEvents, runId, BrokenSuccess({ requestId }), {
      ref: requestedCall?.accepted.offset,
    }),
  );

  const after = await startSystem({ ...options(), services });
  const ended = await after.client.settled(runId, 20_000);
  const untouched = await after.client.run(bystander.runId);
  await after.stop();
  const found = quarantinedIn(await readStoredLog(dataDir()), 'orchestrator');
  expect(found).toMatchObject([{ topic: toolEvents.name }]);
  console.log(
    `broken outcome: ${ended.status}, ${JSON.stringify(ended.failure ?? ended.waitingFor)}; quarantined ${found[0]?.code}`,
  );
  expect(ended.status).toBe('escalated');
  expect(untouched.status).toBe('running');
});
