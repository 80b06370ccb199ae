import { setTimeout as after } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisServer } from '../../../libs/read-model/test/redis.server.js';
import { GatewayUnderTest } from './gateway.under-test.js';

const RUNS = 200;
const AT_ONCE = 20;
const AWAY_MS = 1_500;

let server: RedisServer;
/** Two that share Redis, and one with a file of its own to compare them with. */
let gateways: GatewayUnderTest[];
beforeEach(async () => {
  server = await RedisServer.start();
  const settings = { REDIS_URL: server.url };
  const first = await GatewayUnderTest.start({ settings });
  gateways = [
    first,
    await GatewayUnderTest.start({ settings, beside: first }),
    await GatewayUnderTest.start({ beside: first }),
  ];
});
afterEach(async () => {
  for (const gateway of gateways.toReversed()) await gateway.remove();
  await server.remove();
});

const workflows = ['wait-for-go', 'ask', 'short', 'wait-for-go'];
const startOf = (index: number) => {
  const workflow = workflows[index % workflows.length];
  return { workflow, input: workflow === 'wait-for-go' ? { orderId: `order-${index}` } : {} };
};
const isEnded = ({ status }: { status: string }) => status === 'completed' || status === 'cancelled';

/** Starts runs `from` to `to` over both gateways in turn; every one of them is accepted. */
async function startRuns(from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = from; at < to; at += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, to - at) }, (_, index) => at + index);
    const answers = await Promise.all(
      indexes.map((index) =>
        gateways[index % 2]!.json('POST', '/v1/runs', startOf(index), { 'idempotency-key': `run-${index}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(indexes.map(() => 202));
    ids.push(...answers.map(({ body }) => body.runId));
  }
  return ids;
}

/** Milliseconds until both gateways list runs again. */
async function msUntilAnswers(): Promise<number> {
  const since = performance.now();
  const lists = async (gateway: GatewayUnderTest) =>
    (await gateway.request('GET', '/v1/runs?limit=1')).status;
  for (const gateway of gateways.slice(0, 2)) await gateway.until(async () => (await lists(gateway)) === 200);
  return Math.round(performance.now() - since);
}

const tell = (gateway: GatewayUnderTest, runId: string, body: object) =>
  gateway.json('POST', `/v1/runs/${runId}/commands`, { reason: 'test', ...body });
const end = (gateway: GatewayUnderTest, runId: string, index: number) =>
  tell(
    gateway,
    runId,
    startOf(index).workflow === 'ask' ? { type: 'cancel' } : { type: 'signal', name: 'go' },
  );

/** Everything a gateway shows. */
async function shown(gateway: GatewayUnderTest, runIds: readonly string[]) {
  const runs = (await gateway.json('GET', '/v1/runs?limit=500')).body.items;
  const approvals = (await gateway.json('GET', '/v1/approvals?limit=500')).body.items;
  const events = await Promise.all(
    runIds.map(async (runId) => (await gateway.json('GET', `/v1/runs/${runId}/events`)).body.items),
  );
  return { runs, approvals, events };
}

test('runs outlive a flushed and a stopped Redis, and the read model comes back as it would have been', async () => {
  const [one, two, reference] = gateways as [GatewayUnderTest, GatewayUnderTest, GatewayUnderTest];
  const ids = await startRuns(0, 80);
  await server.command('FLUSHALL');
  const afterFlush = await msUntilAnswers();
  for (const runId of ids)
    for (const gateway of [one, two]) {
      expect((await gateway.request('GET', `/v1/runs/${runId}`)).status).toBe(200);
    }

  ids.push(...(await startRuns(80, 140)));
  await server.kill();
  const wentAt = performance.now();
  ids.push(...(await startRuns(140, RUNS)));
  const orphan = ids[0]!;
  const read = await one.json('GET', `/v1/runs/${orphan}`);
  expect([read.status, read.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await two.request('GET', '/v1/approvals')).status).toBe(503);
  await one.until(async () => (await one.request('GET', '/readyz')).status === 503);
  expect(await (await one.request('GET', '/readyz')).text()).toContain('Redis');
  const replies = await Promise.all(
    ids.slice(0, 40).map((runId, index) => end(gateways[index % 2]!, runId, index)),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
  const waited = await two.json('POST', '/v1/runs?wait=1s', startOf(2), { 'idempotency-key': 'waits' });
  expect(waited.status).toBe(202);
  ids.push(waited.body.runId);
  await after(Math.max(0, AWAY_MS - (performance.now() - wentAt)));
  await server.run();
  const afterStop = await msUntilAnswers();
  for (const runId of ids) expect((await two.request('GET', `/v1/runs/${runId}`)).status).toBe(200);

  for (const [index, runId] of ids.entries()) {
    if (startOf(index).workflow === 'short' || index < 40 || runId === waited.body.runId) continue;
    expect((await end(gateways[index % 2]!, runId, index)).status).toBe(202);
  }
  const list = async (gateway: GatewayUnderTest) =>
    (await gateway.json('GET', '/v1/runs?limit=500')).body.items;
  for (const gateway of gateways) {
    await gateway.until(async () => {
      const items = await list(gateway);
      return items.length === ids.length && items.every(isEnded);
    });
  }
  const expected = await shown(reference, ids);
  expect(expected.approvals).toHaveLength(RUNS / 4);
  expect(await shown(one, ids)).toEqual(expected);
  expect(await shown(two, ids)).toEqual(expected);
  const again = await one.json('POST', '/v1/runs', startOf(0), { 'idempotency-key': 'run-0' });
  expect([again.status, again.body.runId]).toEqual([202, ids[0]]);
  const other = await two.json('POST', '/v1/runs', startOf(1), { 'idempotency-key': 'run-0' });
  expect(other.status).toBe(409);
  console.log(
    `embedded log, two gateways: ${ids.length} runs, all ended; answers again ${afterFlush} ms after FLUSHALL, ${afterStop} ms ` +
      `after a Redis that was away for ${AWAY_MS} ms came back empty`,
  );
});
