import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readinessAt } from '../../scripts/readiness.mjs';

const server = createServer();
afterEach(() => {
  server.removeAllListeners('request');
  server.closeAllConnections();
  server.close();
});

async function answering(answer: RequestListener): Promise<string> {
  server.on('request', answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a service that is not ready says what it waits for, without control characters', async () => {
  const url = await answering((_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ waitingFor: [{ name: 'log', for: 'a\u001b[2J\nleader' }] }));
  });
  expect(await readinessAt(url)).toBe('waits for log: a\u{fffd}[2J leader');
});

test('a service that takes a connection and says nothing does not hold up whoever asks', async () => {
  const url = await answering(() => undefined);
  expect(await readinessAt(url, 50)).toBe('does not answer');
});
