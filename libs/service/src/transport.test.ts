import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import { ArtifactPublished, artifactEvents, topics } from '@interlock/contracts';
import { claim, startingAt } from '@interlock/log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import 'reflect-metadata';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('a consumer gets what is there and what comes, and nothing of a deposed host', async () => {
  const broker = await openEmbeddedBroker({ directory });
  await broker.createTopics(topics, 1);
  const deposed = await writer(broker);
  const owner = await writer(broker);
  await owner.append([published('a')], {}, []);
  const testing = await Test.createTestingModule({ controllers: [Recorder] }).compile();
  const app = testing.createNestApplication(new FastifyAdapter(), { logger: false });
  app.connectMicroservice({
    strategy: new InterlockTransport(broker, [artifactEvents], openLog('test', 'silent')),
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
