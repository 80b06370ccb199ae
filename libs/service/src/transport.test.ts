import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import { ArtifactPublished, artifactEvents, quarantineOf, topics } from '@interlock/contracts';
import { claim, startingAt } from '@interlock/log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import 'reflect-metadata';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FATAL_EXIT_CODE } from './fatal.js';
import { openLog } from './logger.js';
import { Consumes, InterlockTransport, type RecordBatch } from './transport.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-transport-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const seen: string[] = [];
let arrived = () => {};

@Controller()
class Recorder {
  @Consumes(artifactEvents)
  take(@Payload() { accepted }: RecordBatch): void {
    for (const { wires } of accepted) seen.push(...wires);
    arrived();
  }
}

const ofBoth: string[] = [];

@Controller()
class Both {
  @Consumes(quarantineOf('policy'))
  first(@Payload() { records }: RecordBatch): void {
    for (const { record } of records) ofBoth.push(`first ${record.key}`);
  }

  @Consumes(quarantineOf('policy'))
  async second(@Payload() { records }: RecordBatch): Promise<void> {
    await Promise.resolve();
    for (const { record, opened } of records) ofBoth.push(`second ${record.key} ${opened}`);
  }
}

test('of a plain topic every consumer gets every record, one after the other', async () => {
  const broker = await openEmbeddedBroker({ directory });
  await broker.createTopics(topics, 1);
  const { name } = quarantineOf('policy');
  await broker.producer().append(name, 0, [{ key: 'a', value: Buffer.from('no message'), headers: {} }]);
  const testing = await Test.createTestingModule({ controllers: [Both] }).compile();
  const app = testing.createNestApplication(new FastifyAdapter(), { logger: false });
  app.connectMicroservice({ strategy: new InterlockTransport(broker, openLog('test', 'silent')) });
  await app.startAllMicroservices();
  await vi.waitFor(() => expect(ofBoth).toEqual(['first a', 'second a undefined']));
  await app.close();
  await broker.close();
});

@Controller()
class Failing {
  @Consumes(quarantineOf('policy'))
  take(): void {
    throw new Error('cannot be taken');
  }
}

test('a consumer that throws ends the process, and nothing behind it is handed over', async () => {
  const broker = await openEmbeddedBroker({ directory });
  await broker.createTopics(topics, 1);
  const { name } = quarantineOf('policy');
  await broker.producer().append(name, 0, [{ key: 'a', value: Buffer.from('no message'), headers: {} }]);
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const testing = await Test.createTestingModule({ controllers: [Failing] }).compile();
  const app = testing.createNestApplication(new FastifyAdapter(), { logger: false });
  app.connectMicroservice({ strategy: new InterlockTransport(broker, openLog('test', 'silent')) });
  await app.startAllMicroservices();
  await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(FATAL_EXIT_CODE));
  await app.close();
  await broker.close();
});

test('a consumer gets what is there and what comes, and nothing of a deposed host', async () => {
  const broker = await openEmbeddedBroker({ directory });
  await broker.createTopics(topics, 1);
  const deposed = await writer(broker);
  const owner = await writer(broker);
  await owner.append([published('a')], {}, []);
  const testing = await Test.createTestingModule({ controllers: [Recorder] }).compile();
  const app = testing.createNestApplication(new FastifyAdapter(), { logger: false });
  app.connectMicroservice({
    strategy: new InterlockTransport(broker, openLog('test', 'silent')),
  });
  const all = new Promise<void>((resolve) => {
    arrived = () => void (seen.filter((wire) => wire === ArtifactPublished.wire).length >= 2 && resolve());
  });

  await app.startAllMicroservices();
  await expect(deposed.append([published('of a deposed host')], {}, [])).rejects.toMatchObject({
    code: 'log.deposed',
  });
  const again = await writer(broker);
  await again.append([published('b')], {}, []);
  await all;

  expect(seen).toEqual([
    'host.claimed/1',
    'host.claimed/1',
    ArtifactPublished.wire,
    'host.claimed/1',
    ArtifactPublished.wire,
  ]);
  await app.close();
  await broker.close();
});

function writer(broker: Awaited<ReturnType<typeof openEmbeddedBroker>>) {
  const producer = broker.producer();
  const { name: topic } = artifactEvents;
  return claim(
    { append: (...given) => producer.append(...given), read: (from) => broker.read(topic, 0, from) },
    {
      topic,
      partition: 0,
      from: startingAt(0),
      claimId: `${Math.random()}`,
      host: 'test',
      versions: [],
      now: 1,
      accepted: () => {},
    },
  );
}

const published = (name: string) => ({
  key: name,
  wire: ArtifactPublished.wire,
  value: Buffer.from(JSON.stringify({ name })),
  meta: { time: 1 },
});
