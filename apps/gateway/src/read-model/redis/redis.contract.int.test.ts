import { afterAll, beforeAll } from 'vitest';
import { noReport, readModelContract } from '../../../test/read-model.contract.js';
import { RedisServer } from '../../../test/redis.server.js';
import { runFold } from '../run.fold.js';
import { RedisReadModel } from './redis.read-model.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.remove());

readModelContract('Redis', async () => {
  await server.command('FLUSHALL');
  const open = () => new RedisReadModel(server.url, runFold, noReport);
  return { model: open(), again: async () => open() };
});
