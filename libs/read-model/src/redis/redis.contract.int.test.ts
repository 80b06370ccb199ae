import { afterAll, beforeAll } from 'vitest';
import { noReport, readModelContract } from '../../test/read-model.contract.js';
import { RedisServer } from '../../test/redis.server.js';
import { acrossThreads } from '../../test/thread.channel.js';
import { runFold } from '../run.fold.js';
import { RedisReadModel } from './redis.read-model.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.remove());

const redis = () => new RedisReadModel(server.url, runFold, noReport);

readModelContract('Redis', async () => {
  await server.command('FLUSHALL');
  return { model: redis(), again: async () => redis() };
});

readModelContract('Redis, across threads', async () => {
  await server.command('FLUSHALL');
  return { model: acrossThreads(redis()), again: async () => acrossThreads(redis()) };
});
