import { randomUUID } from 'node:crypto';
import { partitionOf } from '@interlock/broker';
import {
  approvalEvents,
  artifactCommands,
  defineEvent,
  runCommands,
  toolHandover,
} from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../e2e/eventually.ts';
import { Forger } from '../../e2e/forger.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import type { Run } from '../../e2e/system.client.ts';
import { ForeignProducer, type ForeignRecord } from './foreign.producer.ts';
import { KafkaSystem } from './kafka.system.ts';

const PARTITIONS = 4;
const LITTERED = 1;
const FLOOD = 2_000;
/** Litter in its partition may not cost a run more than this, against the runs beside it at that moment. */
const HELD_UP_MS_MAX = 1_000;

let system: KafkaSystem;
let foreign: ForeignProducer;
beforeAll(async () => {
  system = await KafkaSystem.start({ orderDelayMs: 0, ledgerPauseMs: 5, apart: ['orchestrator'] });
  foreign = await ForeignProducer.connect(system.kafka.brokers);
});
afterAll(async () => {
  await foreign?.close();
  await system?.stop();
});

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** What nobody can take, in the forms that Kafka lets through. */
function litter(partition: number, type: string): ForeignRecord[] {
  const runId = randomUUID();
  const wellFormed = (wire: string, data: unknown): ForeignRecord => {
    const { headers, value } = plainRecord(
      runId,
      wire,
      { id: randomUUID(), run: runId, time: Date.now() },
      data,
    );
    const buffers = Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)]),
    );
    return { partition, key: bytes(runId), headers: buffers, value: value && Buffer.from(value) };
  };
  return [
    { partition, key: null, value: null },
    { partition, key: null, value: bytes('\x00\xff\xfe') },
    {
      partition,
      key: bytes('\xff\xfe'),
      headers: { t: bytes('\xff'), m: bytes('{'), h: bytes('x') },
      value: bytes('{'),
    },
    {
      partition,
      key: bytes('k'),
      headers: { t: [bytes('a'), bytes('b')], m: bytes('null') },
      value: bytes('[]'),
    },
    {
      partition,
      key: bytes('k'),
      headers: { t: bytes('a/1'), m: bytes('[]'), h: Buffer.alloc(64) },
      value: bytes('1'),
    },
    { partition, key: bytes('k'), value: Buffer.alloc(900 * 1024, 0x7b) },
    wellFormed('run.teleport/1', { runId }),
    wellFormed(`${type}/99`, { runId }),
    wellFormed(`${type}/1`, { runId: 7 }),
    wellFormed(`${type}/1`, JSON.parse('{"__proto__":{"a":1}}')),
  ];
}

test('what nobody can take is quarantined on Kafka, and holds nothing up', { timeout: 180_000 }, async () => {
  await runEverywhere();
  const places = {
    orchestrator: await foreign.send(runCommands.name, litter(LITTERED, 'run.start')),
    registry: await foreign.send(artifactCommands.name, litter(0, 'artifact.publish')),
    'tool-executor': await foreign.send(toolHandover.name, litter(LITTERED, 'handover.outcome')),
  };
  const quiet = await runEverywhere();
  const flood = Array.from({ length: FLOOD }, () => ({
    partition: LITTERED,
    key: null,
    value: bytes('\xff'),
  }));
  const flooding = Promise.all(
    [0, 1, 2, 3].map((part) =>
      foreign.send(runCommands.name, flood.slice((part * FLOOD) / 4, ((part + 1) * FLOOD) / 4)),
    ),
  );
  const flooded = await runEverywhere();
  places.orchestrator.push(...(await flooding).flat());
  for (const [service, expected] of Object.entries(places)) await untilQuarantined(service, expected);
  expect(system.processes.filter(({ isRunning }) => !isRunning)).toEqual([]);
  const worst = (took: readonly number[]) => took.map((ms) => Math.round(ms)).join(', ');
  console.log(
    [
      `${Object.values(places).flat().length} bad records, each quarantined once`,
      `slowest run by partition: ${worst(quiet)} ms; while ${FLOOD} bad records come to partition ${LITTERED}: ${worst(flooded)} ms`,
    ].join('\n'),
  );
  const beside = flooded.filter((_, partition) => partition !== LITTERED);
  expect(flooded[LITTERED]).toBeLessThan(Math.max(...beside) + HELD_UP_MS_MAX);
  expect(violationsIn(await system.recorder.complete())).toEqual([]);
});

test('a batch in a compression our client cannot read is quarantined like any other', {
  timeout: 180_000,
}, async () => {
  const records = litter(LITTERED, 'run.start').slice(0, 5);
  const before = quarantinedBy('orchestrator');
  const first = await foreign.sendSnappy(runCommands.name, records);
  await runEverywhere();
  const places = records.map((_, place) => `${LITTERED}/${first + place}`);
  await untilQuarantined('orchestrator', [...before, ...places]);
  expect(system.processes.filter(({ isRunning }) => !isRunning)).toEqual([]);
});

const FromTheFuture = defineEvent('future.teleported', 7, z.object({ to: z.string() }));

// Last, since the partition does not go on.
test('an unknown type on a fenced topic stops one partition and nothing else', {
  timeout: 180_000,
}, async () => {
  let runId = randomUUID();
  while (partitionOf(runId, PARTITIONS) !== LITTERED) runId = randomUUID();
  await new Forger(system.recorder.broker).append(approvalEvents, runId, FromTheFuture({ to: 'a' }), {
    version: 7,
  });
  const orchestrator = system.service('orchestrator');
  await eventually('the orchestrator to say so', async () => !(await orchestrator.isReady()), 20_000);
  const others = [0, 1, 2, 3].filter((partition) => partition !== LITTERED);
  const took = await runEverywhere(others);
  const detail = await (await fetch(`${orchestrator.url}/readyz`)).text();
  console.log(
    `orchestrator /readyz: ${detail}\nslowest run of the others: ${took.map(Math.round).join(', ')} ms`,
  );
  expect(detail).toContain('future.teleported/7');
  expect(system.processes.filter(({ isRunning }) => !isRunning)).toEqual([]);
  expect(await system.stopServices()).toEqual([]);
});

/** Five runs in each of these partitions; answers with how long the slowest of each took, ms. */
async function runEverywhere(partitions: readonly number[] = [0, 1, 2, 3]): Promise<number[]> {
  return Promise.all(
    partitions.map(async (partition) => {
      const took = Array.from({ length: 5 }, async () => {
        const startedAt = performance.now();
        const { body } = await system.client.post<Run>('/v1/runs?wait=30s', {
          workflow: 'ledger-keyed',
          input: { entry: `entry-${randomUUID()}` },
          runId: runIdIn(partition),
        });
        expect(body).toMatchObject({ status: 'completed' });
        return performance.now() - startedAt;
      });
      return Math.max(...(await Promise.all(took)));
    }),
  );
}

function runIdIn(partition: number): string {
  for (;;) {
    const runId = `run-${randomUUID()}`;
    if (partitionOf(runId, PARTITIONS) === partition) return runId;
  }
}

/** `PARTITION/OFFSET` of everything in the quarantine of a service. */
function quarantinedBy(service: string): string[] {
  const records = (system.recorder.log.get(`${service}.quarantine`) ?? []).flat();
  return records.map(({ value }) => {
    const { partition, offset } = JSON.parse(Buffer.from(value ?? []).toString('utf8'));
    return `${partition}/${offset}`;
  });
}

/** Each place is in the quarantine of its service, once. */
async function untilQuarantined(service: string, expected: readonly string[]): Promise<void> {
  const found = () => quarantinedBy(service);
  const all = () => found().length >= expected.length;
  await eventually(`${expected.length} records in ${service}.quarantine`, all, 30_000).catch(
    (error: Error) => {
      throw new Error(`${error.message}, there are ${found().length}\n${system.trouble(10).join('\n')}`);
    },
  );
  expect(found().sort()).toEqual([...expected].sort());
}
