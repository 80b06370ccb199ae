import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Broker } from '@interlock/broker';
import { openKafkaBroker } from '@interlock/broker/kafka';
import { runEvents, topicSettings } from '@interlock/contracts';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OneKafka } from '../chaos/kafka/one.kafka.ts';
import { ServiceProcess } from '../chaos/kafka/service.process.ts';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';

/**
 * Item 12: a platform team creates topics. Only their partition counts were looked at: with a retention of a minute, or little room for
 * a batch, the orchestrator claimed and was ready; and a `run.events` that had been cut was taken for a new one.
 */
let place: Awaited<ReturnType<typeof newPlace>>;
let admin: Admin;
let platform: Broker;
let environment: Record<string, string>;

beforeAll(async () => {
  place = await newPlace('topics');
  const { brokers } = await OneKafka.forScenario();
  admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  platform = await openKafkaBroker({ brokers: [brokers], clientId: 'platform-team' });
  await platform.createTopics([runEvents], 1);
  environment = {
    KAFKA_BROKERS: brokers,
    INTERLOCK_DATA_DIR: join(place.directory, 'data'),
    INTERLOCK_MODULES: '',
    INTERLOCK_PARTITIONS: '1',
  };
}, 120_000);
afterAll(async () => {
  await admin?.disconnect();
  await platform?.close();
  await place.remove();
});

/** Starts the orchestrator and tells how it ended. */
async function refusal(): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['apps/orchestrator/dist/main.js'], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'exit');
  return { code, said };
}

async function started(): Promise<ServiceProcess> {
  return new ServiceProcess(['orchestrator'], environment);
}

const waitingFor = async (orchestrator: ServiceProcess): Promise<string> => {
  const response = await fetch(`${orchestrator.url}/readyz`).catch(() => undefined);
  return (await response?.text()) ?? '';
};

const alter = (change: Record<string, string>) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: runEvents.name,
        configEntries: Object.entries({ ...topicSettings(runEvents), ...change }).map(([name, value]) => ({
          name,
          value,
        })),
      },
    ],
  });

test('a topic that loses or refuses records ends the start with the command that repairs it', async () => {
  for (const [setting, value] of [
    ['retention.ms', '60000'],
    ['max.message.bytes', '100000'],
    ['cleanup.policy', 'compact'],
  ] as const) {
    await alter({ [setting]: value });
    const { code, said } = await refusal();
    expect({ setting, code }).toEqual({ setting, code: 2 });
    expect(said).toContain(`${setting} is ${value}, not ${topicSettings(runEvents)[setting]}`);
    expect(said).toContain(`--entity-name run.events --add-config ${setting}=`);
  }
}, 120_000);

test('another partition count ends the start with the setting that fits', async () => {
  await alter({});
  environment = { ...environment, INTERLOCK_PARTITIONS: '3' };
  const other = await refusal();
  environment = { ...environment, INTERLOCK_PARTITIONS: '1' };
  expect(other.code).toBe(2);
  expect(other.said).toContain('INTERLOCK_PARTITIONS=1');
}, 120_000);

test('a log that was cut is not taken for a new one', async () => {
  const first = await started();
  await eventually('the orchestrator to be ready', () => first.isReady(), 60_000);
  await first.kill();
  await platform.trim(runEvents.name, 0, 1);
  const second = await started();
  const isRefused = async () => (await waitingFor(second)).includes('kept for ever, but begins at 1');
  await eventually('the cut to be named', isRefused, 60_000);
  expect(await second.isReady()).toBe(false);
  await second.kill();
}, 180_000);

test('a log that was created anew is not, because its readers have been further', async () => {
  await admin.deleteTopics({ topics: [runEvents.name] });
  await eventually('the topic to be gone', async () => !(await admin.listTopics()).includes(runEvents.name));
  await platform.createTopics([runEvents], 1);
  await admin.setOffsets({
    groupId: 'interlock.policy',
    topic: runEvents.name,
    partitions: [{ partition: 0, offset: '50' }],
  });
  const orchestrator = await started();
  const isRefused = async () =>
    (await waitingFor(orchestrator)).includes('policy has read it up to 50, but it ends at 0');
  await eventually('the loss to be named', isRefused, 60_000);
  await orchestrator.kill();
}, 180_000);
