import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import { startSystem } from './system.process.ts';

const KEY = 'a key of the hook of this test';
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let place: Awaited<ReturnType<typeof newPlace>>;
let server: Server;
let isAway = true;
const refused: Received[] = [];
const received: Received[] = [];

beforeAll(async () => {
  place = await newPlace('notifications');
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    (isAway ? refused : received).push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(isAway ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await place.remove();
});

const options = () => ({
  dataDir: place.directory,
  environment: {
    INTERLOCK_MODULES: 'test/e2e/telling.module.ts',
    HOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    HOOK_SECRET: KEY,
  },
});

test('what waits for people and what has ended reaches a hook that was away, through kill -9', async () => {
  const first = await startSystem(options());
  const { runId } = await first.client.start('ask', { of: 'a secret of the run' });
  await first.client.settled(runId);
  await eventually('the hook to be asked', () => refused.length > 0);
  await first.stop('SIGKILL');

  isAway = false;
  const second = await startSystem(options());
  await eventually('the question to be told', () => typesOf(received).includes('run.waiting'));
  await second.client.post(`/v1/runs/${runId}/commands`, {
    type: 'cancel',
    reason: 'tested',
    rollback: false,
  });
  await eventually('the end to be told', () => typesOf(received).includes('run.ended'));
  await second.stop();

  for (const { headers, body } of [...refused, ...received]) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const mac = createHmac('sha256', KEY).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(body).not.toContain('secret');
    expect(JSON.parse(body).data).toMatchObject({ runId, workflow: 'ask' });
  }
  const waiting = [...refused, ...received].filter((one) => typesOf([one])[0] === 'run.waiting');
  expect(new Set(waiting.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(JSON.parse(received.at(-1)?.body ?? '')).toMatchObject({ data: { status: 'cancelled' } });
});

const typesOf = (all: readonly Received[]): string[] =>
  all.map(({ body }) => JSON.parse(body).type as string);
