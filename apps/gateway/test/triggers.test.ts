// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { signedHeaders } from '@interlock/authority';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

const SECRET = 'the secret of the shop';
const SHORT = 'fifteen letters';
let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ secrets: { SHOP_SECRET: SECRET, SHORT_SECRET: SHORT } });
  await publish('paid', {
    key: 'event.order',
    filter: 'event.type == "paid"',
    does: { start: { workflow: 'short', input: {} } },
  });
  await publish('told', { does: { signal: { run: '${event.run}', name: 'go', data: { n: '${event.n}' } } } });
});
afterAll(async () => {
  await gateway.remove();
});

async function publish(name: string, document: object, version = 1): Promise<number> {
  const whole = { secret: 'SHOP_SECRET', ...document };
  const body = { kind: 'trigger', name, version, document: whole };
  return (await gateway.json('POST', '/v1/artifacts', body)).status;
}

let messages = 0;
interface Fire {
  readonly at?: number;
  readonly secret?: string;
  readonly sent?: string;
}

async function fire(name: string, event: object, { at = Date.now(), secret = SECRET, sent }: Fire = {}) {
  const body = JSON.stringify(event);
  const headers = {
    'content-type': 'application/json',
    ...signedHeaders(`msg-${++messages}`, at, body, secret),
  };
  const response = await fetch(`${gateway.url}/v1/triggers/${name}`, {
    method: 'POST',
    headers,
    body: sent ?? body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

test('an event starts one run, however often it is told', async () => {
  const first = await fire('paid', { type: 'paid', order: 'ord-1' });
  expect([first.status, first.body.outcome]).toEqual([202, 'started']);
  const again = await fire('paid', { type: 'paid', order: 'ord-1' });
  expect(again.body.runId).toBe(first.body.runId);
  const other = await fire('paid', { type: 'paid', order: 'ord-2' });
  expect(other.body.runId).not.toBe(first.body.runId);
  const run = await gateway.json('GET', `/v1/runs/${first.body.runId}`);
  expect(run.body).toMatchObject({ workflow: { name: 'short' } });
});

test('an event that the filter passes over starts nothing', async () => {
  expect((await fire('paid', { type: 'refunded', order: 'ord-3' })).body).toEqual({ outcome: 'ignored' });
});

test('an event tells a run', async () => {
  const started = await gateway.json('POST', '/v1/runs', {
    workflow: 'wait-for-go',
    input: { orderId: 'o-1' },
  });
  const { runId } = started.body;
  await gateway.until(
    async () => (await gateway.json('GET', `/v1/runs/${runId}`)).body.status !== 'accepted',
  );
  const told = await fire('told', { run: runId, n: 7 });
  expect([told.status, told.body.outcome]).toEqual([202, 'signalled']);
  await gateway.until(
    async () => (await gateway.json('GET', `/v1/runs/${runId}`)).body.status === 'completed',
  );
  expect((await fire('told', { run: 'nobody', n: 7 })).status).toBe(404);
});

describe('refused is', () => {
  const event = { type: 'paid', order: 'ord-9' };

  test('what is not signed, with another secret, over another body, or too long ago', async () => {
    const bare = await fetch(`${gateway.url}/v1/triggers/paid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
    });
    expect(bare.status).toBe(401);
    expect((await fire('paid', event, { secret: 'another' })).status).toBe(401);
    expect((await fire('paid', event, { sent: '{"type":"paid","order":"mine"}' })).status).toBe(401);
    expect((await fire('paid', event, { at: Date.now() - 301_000 })).status).toBe(401);
    expect((await fire('paid', event, { at: Date.now() + 301_000 })).status).toBe(401);
  });

  test('an event without what the key needs', async () => {
    expect((await fire('paid', { type: 'paid' })).status).toBe(422);
  });

  test('what no trigger is named like, or what is switched off', async () => {
    expect((await fire('none', event)).status).toBe(404);
    expect(await publish('off', { enabled: false, does: { start: { workflow: 'short', input: {} } } })).toBe(
      201,
    );
    expect((await fire('off', event)).status).toBe(404);
  });

  test('what is signed with a key that could be guessed, or with one that is not there', async () => {
    const does = { start: { workflow: 'short', input: {} } };
    for (const secret of ['SHORT_SECRET', 'NO_SECRET']) {
      const name = secret.toLowerCase().replace('_', '-');
      expect(await publish(name, { secret, does })).toBe(201);
      const { status, body } = await fire(name, event, { secret: SHORT });
      expect([status, body.detail]).toEqual([503, expect.stringContaining(`${secret}, of at least 16`)]);
    }
  });

  test('a trigger that starts what is not published', async () => {
    expect(await publish('wrong', { does: { start: { workflow: 'none', input: {} } } })).toBe(422);
  });
});
