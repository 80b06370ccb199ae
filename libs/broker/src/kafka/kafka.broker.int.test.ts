import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditEvents } from '@interlock/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startKafka } from '../../../../scripts/kafka.mjs';
import { brokerContract } from '../broker.contract.js';
import type { Broker } from '../broker.js';
import { RecordingFollower, RecordingMember } from '../contract/recorder.js';
import {
  type BrokerUnderTest,
  freshGroup,
  freshTopic,
  range,
  readAll,
  record,
  textOf,
  topicSpec,
} from '../contract/under-test.js';
import { OffsetOutOfRangeError, OutcomeUnknownError } from '../errors.js';
import { FaultyProxy } from './faulty.proxy.js';
import { openKafkaBroker } from './index.js';

interface Server {
  port: number;
  kill9(): Promise<void>;
}

const given = process.env.KAFKA_BROKERS;
let dir = '';
let server: Server;
let proxy: FaultyProxy;
let brokers: string[] = given?.split(',') ?? [];

const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

beforeAll(async () => {
  if (given !== undefined) return;
  dir = mkdtempSync(join(tmpdir(), 'interlock-kafka-'));
  proxy = await FaultyProxy.start(() => server.port);
  server = await startKafka({ dir, advertisedPort: proxy.port, isBrief: true });
  brokers = [`127.0.0.1:${proxy.port}`];
});

afterAll(async () => {
  expect(warnings).toEqual([]);
  if (given !== undefined) return;
  await server.kill9();
  await proxy.stop();
  rmSync(dir, { recursive: true, force: true });
});

/**
 * Kills the server and starts it over the same data at the same place. Not before its next checkpoint: a single Kafka server
 * forgets a cut when it is killed within `log.flush.start.offset.checkpoint.interval.ms`, which the port does not promise away.
 */
async function restartServer(): Promise<void> {
  const calledAtMs = Date.now();
  const checkpoint = join(dir, 'data', 'log-start-offset-checkpoint');
  await vi.waitUntil(() => statSync(checkpoint).mtimeMs > calledAtMs, { timeout: 10_000, interval: 50 });
  await server.kill9();
  server = await startKafka({ dir, port: server.port, advertisedPort: proxy.port, isBrief: true });
}

/** Short where appends are made to get no answer; a real cluster may be slow. */
const appendTimeoutMs = given === undefined ? 1_500 : 10_000;
const open = () => openKafkaBroker({ brokers, clientId: 'contract', appendTimeoutMs });

async function openUnderTest(): Promise<BrokerUnderTest> {
  const opened = [await open()];
  const close = async () => void (await Promise.all(opened.map((broker) => broker.close())));
  const broker = opened[0] as Broker;
  // What is not ours is neither killed nor lied to.
  if (given !== undefined) return { broker, close };
  const restart = async () => {
    await restartServer();
    opened.push(await open());
    return opened[1] as Broker;
  };
  return { broker, faults: proxy.faults, restart, close };
}

brokerContract('kafka', openUnderTest, { timeoutMs: 60_000 });

describe('kafka', () => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await open();
  });
  afterEach(() => broker.close());

  test('a third member takes only what is needed, and nothing that stays is interrupted', async () => {
    const topic = await freshTopic(broker, 6);
    const group = freshGroup();
    const members = [new RecordingMember(), new RecordingMember(), new RecordingMember()];
    for (const [at, member] of members.entries()) {
      member.onAssigned = (partition) => member.seek(topic, partition, 0);
      await member.join(broker, group, [topic]);
      const size = 6 / (at + 1);
      await Promise.all(members.slice(0, at + 1).map((one) => one.until(() => one.held.size === size)));
    }

    const moved = members.flatMap(({ revocations }) => revocations);
    expect(moved).toHaveLength(3 + 2);
    expect(members.flatMap(({ assignments }) => assignments)).toHaveLength(6 + moved.length);
  });

  test.skipIf(given !== undefined)(
    'what other systems read lies compressed, and is read as it was written',
    async () => {
      await broker.createTopics([auditEvents], 1);
      const written = range(0, 200).map((n) => `${n} ${'alike '.repeat(100)}`);
      await broker.producer().append(
        auditEvents.name,
        0,
        written.map((text) => record(text)),
      );
      expect((await readAll(broker, auditEvents.name)).map(textOf)).toEqual(written);
      const onDisk = statSync(join(dir, 'data', `${auditEvents.name}-0`, '00000000000000000000.log')).size;
      expect(onDisk).toBeLessThan(written.length * 60);
    },
  );

  test('a record says when the broker took it on topics that it stamps, and nothing of the kind on others', async () => {
    const stamped = topicSpec({ stampedBy: 'broker' });
    const unstamped = topicSpec();
    await broker.createTopics([stamped, unstamped], 1);
    const before = Date.now();
    for (const { name } of [stamped, unstamped]) await broker.producer().append(name, 0, [record('a')]);
    const [first] = await readAll(broker, stamped.name);
    const [other] = await readAll(broker, unstamped.name);
    expect(Math.abs((first?.appendedAt ?? 0) - before)).toBeLessThan(60_000);
    expect(other).toBeDefined();
    expect(other).not.toHaveProperty('appendedAt');
  });

  test('an offset that stays out of range ends a follower with the offsets that are there', async () => {
    const topic = await freshTopic(broker);
    await broker.producer().append(
      topic,
      0,
      range(0, 4).map((at) => record(`${at}`)),
    );
    await broker.trim(topic, 0, 2);
    const follower = new RecordingFollower();

    await broker.follow(topic, 0, 1, follower);

    await expect(follower.until(() => follower.seen.length > 0)).rejects.toThrow(
      new OffsetOutOfRangeError(topic, 0, 1, 2, 4),
    );
  });

  test('a producer without an answer takes nothing more, so nothing can overtake what may still land', async ({
    skip,
  }) => {
    if (given !== undefined) skip('needs the proxy');
    const topic = await freshTopic(broker);
    const producer = broker.producer();
    await producer.append(topic, 0, [record('a')]);
    const held = proxy.faults.delayAppend();

    const late = producer.append(topic, 0, [record('late')]);
    const after = producer.append(topic, 0, [record('after')]);
    await expect(late).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(after).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(producer.append(topic, 0, [record('later')])).rejects.toBeInstanceOf(OutcomeUnknownError);
    await held.land();

    expect((await readAll(broker, topic)).map(textOf)).toEqual(['a', 'late']);
  });

  test('a membership outlives a restart of the server and misses nothing', async ({ skip }) => {
    if (given !== undefined) skip('needs a server of its own');
    const topics = [await freshTopic(broker, 2), await freshTopic(broker, 2)];
    const member = new RecordingMember();
    member.onAssigned = (partition) => {
      for (const topic of topics) member.seek(topic, partition, 0);
    };
    await member.join(broker, freshGroup(), topics);
    await member.until(() => member.held.size === 2);
    const before = broker.producer();
    for (const topic of topics) await before.append(topic, 1, [record('before')]);
    await member.until(() => member.seen.length === 2);

    await restartServer();
    for (const topic of topics) await broker.bounds(topic, 1); // answered once the partition is led again
    const after = broker.producer();
    for (const topic of topics) await after.append(topic, 1, [record('after')]);
    await member.until(() => member.seen.length === 4);

    for (const topic of topics) expect(member.offsets(topic, 1)).toEqual([0, 1]);
    expect(member.revocations).toEqual([]);
  });

  test('a member that was away too long loses what another was given meanwhile, and shares again', async ({
    skip,
  }) => {
    if (given !== undefined) skip('needs the proxy');
    const topic = await freshTopic(broker, 4);
    const group = freshGroup();
    const [away, other] = [new RecordingMember(), new RecordingMember()];
    for (const member of [away, other]) member.onAssigned = (partition) => member.seek(topic, partition, 0);
    await away.join(broker, group, [topic]);
    await away.until(() => away.held.size === 4);

    const thaw = proxy.freeze();
    const second = await open();
    await other.join(second, group, [topic]);
    await other.until(() => other.held.size === 4);
    thaw();
    await away.until(() => away.revocations.length === 4 && away.assignments.length === 4 + 2);
    await other.until(() => other.held.size === 2);

    expect(new Set([...away.held, ...other.held]).size).toBe(4);
    for (const partition of range(0, 4)) await second.producer().append(topic, partition, [record('a')]);
    await Promise.all([away, other].map((member) => member.until(() => member.seen.length === 2)));
    await second.close();
  });

  test('one busy topic does not hold up the others', async () => {
    const [busy, quiet] = [await freshTopic(broker, 2), await freshTopic(broker, 2)];
    const member = new RecordingMember();
    member.onAssigned = (partition) => {
      for (const topic of [busy, quiet]) member.seek(topic, partition, 0);
    };
    await member.join(broker, freshGroup(), [busy, quiet]);
    await member.until(() => member.held.size === 2);
    const patient = await openKafkaBroker({ brokers, clientId: 'flood', appendTimeoutMs: 30_000 });
    const big = patient.producer();
    const value = 'x'.repeat(800_000);
    const flood = Promise.all(range(0, 60).map((at) => big.append(busy, at % 2, [record(value)])));

    await broker.producer().append(quiet, 1, [record('soon')]);
    await member.until(() => member.offsets(quiet, 1).length === 1);

    expect(member.seen.filter(({ topic }) => topic === busy).length).toBeLessThan(60);
    await flood;
    await member.until(() => member.seen.length === 61);
    await patient.close();
  });
});
