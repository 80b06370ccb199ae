import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { egressTo } from '../src/model/model.fetch.js';
import { modelsFor } from '../src/plan.scenario.js';

test('the planner reaches the endpoints of its settings, and nothing else', async () => {
  const reached: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    reached.push(request.url);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  const refused: string[] = [];
  const egress = egressTo(
    modelsFor({ INTERLOCK_MODEL_URL: `http://127.0.0.1:${port}/v1` }),
    (reason, place) => refused.push(`${reason} ${place}`),
  );
  expect((await egress.request(`http://127.0.0.1:${port}/v1/chat`)).status).toBe(200);
  await expect(egress.request(`http://localhost:${port}/`)).rejects.toThrow('not on the allow-list');
  await expect(egress.request('http://169.254.169.254/latest/meta-data')).rejects.toThrow(
    'not on the allow-list',
  );
  expect(reached).toEqual(['/v1/chat']);
  expect(refused).toEqual([`not_allowed localhost:${port}`, 'not_allowed 169.254.169.254:80']);
  await egress.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

test('a model may run on this machine under a name of it', async () => {
  const server = createServer((_, response) => response.end('{}')).listen(0, 'localhost');
  await new Promise((listening) => server.once('listening', listening));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/v1`;
  const egress = egressTo(modelsFor({ INTERLOCK_MODEL_URL: url }));
  expect((await egress.request(url)).status).toBe(200);
  await egress.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});
