import { afterAll, beforeAll } from 'vitest';
import { fedLog } from '../../test/fed.log.js';
import { noReport, readModelContract } from '../../test/read-model.contract.js';
import { RedisServer } from '../../test/redis.server.js';
import { acrossThreads } from '../../test/thread.channel.js';
import { runFold } from '../run.fold.js';
import type { RecordLog } from '../run.histories.js';
import { RedisReadModel } from './redis.read-model.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.remove());

const redis = (log: RecordLog = fedLog) => new RedisReadModel(server.url, runFold, log, noReport);

readModelContract('Redis', async () => {
  await server.command('FLUSHALL');
  return { model: redis(), again: async () => redis() };
});

readModelContract('Redis, across threads', async () => {
  await server.command('FLUSHALL');
  return { model: acrossThreads(redis), again: async () => acrossThreads(redis) };
});
