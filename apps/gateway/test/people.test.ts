import { partitionOf } from '@interlock/broker';
import { runCommands, StartRun } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askingDocument, compiled } from '../../../libs/read-model/test/documents.js';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const { name, version, hash } = compiled(askingDocument);

/** A run that somebody else asked for, so that `olga` may vote on it. Shown once it waits for people. */
async function waiting(runId: string): Promise<{ approvalId: string }> {
  const by = { sub: 'rita', roles: ['operator'] };
  const [commandId, issuedAt] = [`${runId}/start`, Date.now()];
  const workflow = { name, version, hash };
  const data = {
    commandId,
    runId,
    by,
    issuedAt,
    workflow,
    input: {},
    requestHash: runId,
    salt: 'a-salt-of-128-bits-0_0',
  };
  const record = plainRecord(runId, StartRun.wire, { id: commandId, run: runId, time: issuedAt }, data);
  const partition = partitionOf(runId, await gateway.broker.partitions(runCommands.name));
  await gateway.broker.producer().append(runCommands.name, partition, [record]);
  await gateway.until(async () => (await run(runId)).status === 'waiting');
  const { waitingFor } = await run(runId);
  return waitingFor[0];
}

const run = async (runId: string) => (await gateway.json('GET', `/v1/runs/${runId}`)).body;
const approval = async (approvalId: string) =>
  (await gateway.json('GET', `/v1/approvals/${approvalId}`)).body;
const cast = async (approvalId: string, vote: 'approve' | 'deny', headers = {}) => {
  const { callHash } = await approval(approvalId);
  return gateway.json(
    'POST',
    `/v1/approvals/${approvalId}/votes`,
    { vote, callHash, reason: 'test' },
    headers,
  );
};

test('what people approve goes on, and says who approved', async () => {
  const { approvalId } = await waiting('goes-on');
  const { body: pending } = await gateway.json('GET', '/v1/approvals?status=pending&role=operator');
  expect(pending.items[0]).toMatchObject({ approvalId, question: 'Go on?', requester: 'rita' });
  const { status, body } = await cast(approvalId, 'approve');
  expect([status, body.status, body.votes.length]).toEqual([202, 'granted', 1]);
  await gateway.until(async () => (await run('goes-on')).status === 'completed');
  expect((await run('goes-on')).output).toEqual({ said: 'olga' });
});

test('what one of them denies fails, and a vote after that is a conflict', async () => {
  const { approvalId } = await waiting('denied');
  expect((await cast(approvalId, 'deny')).body.status).toBe('denied');
  await gateway.until(async () => (await run('denied')).status === 'failed');
  expect((await run('denied')).failure).toMatchObject({ class: 'denied', code: 'approval.denied' });
  expect((await cast(approvalId, 'approve')).status).toBe(409);
});

test('what a cancelled run asked for is withdrawn', async () => {
  const { approvalId } = await waiting('cancelled');
  await gateway.json('POST', '/v1/runs/cancelled/commands', { type: 'cancel', reason: 'test' });
  await gateway.until(async () => (await approval(approvalId)).status === 'withdrawn');
  expect((await cast(approvalId, 'approve')).status).toBe(409);
});

test('a person’s own request waits for somebody else', async () => {
  const start = { workflow: 'ask', input: {} };
  const { body } = await gateway.json('POST', '/v1/runs?wait=30s', start);
  expect(body.status).toBe('waiting');
  const { approvalId } = body.waitingFor[0];
  expect((await cast(approvalId, 'approve')).status).toBe(403);
  expect((await approval(approvalId)).votes).toEqual([]);
});

test.each([
  ['under one key', () => ({ 'idempotency-key': 'many' }), [202]],
  ['without a key', () => ({}), [202, 409]],
  ['under keys of their own', (at: number) => ({ 'idempotency-key': `many-${at}` }), [202, 409]],
])('many votes of one person at once %s are one vote', async (how, headers, statuses) => {
  const runId = `many-${how.replaceAll(' ', '-')}`;
  const { approvalId } = await waiting(runId);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => cast(approvalId, 'approve', headers(at))),
  );
  const seen = new Set(answers.map(({ status }) => status));
  expect([...seen].filter((status) => !statuses.includes(status))).toEqual([]);
  expect(seen).toContain(202);
  expect((await approval(approvalId)).votes).toHaveLength(1);
  await gateway.until(async () => (await run(runId)).status === 'completed');
});

test('two gateways agree: what one has made durable the other shows, and one person votes once', async () => {
  const other = await GatewayUnderTest.start({ beside: gateway });
  const { approvalId } = await waiting('two-gateways');
  const path = `/v1/approvals/${approvalId}`;
  await other.until(async () => (await other.json('GET', path)).status === 200);
  const { callHash } = await approval(approvalId);
  const body = { vote: 'approve', callHash, reason: 'test' };
  const key = { 'idempotency-key': 'two' };
  const answers = await Promise.all(
    [gateway, other].map((one) => one.json('POST', `${path}/votes`, body, key)),
  );
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  await other.until(async () => (await other.json('GET', path)).body.status === 'granted');
  expect((await other.json('GET', path)).body).toEqual(await approval(approvalId));
  expect((await approval(approvalId)).votes).toHaveLength(1);
  await other.remove();
});

test('the stream of a run’s events tells what people said', async () => {
  const { approvalId } = await waiting('told');
  await cast(approvalId, 'approve');
  await gateway.until(async () => (await run('told')).status === 'completed');
  const { body } = await gateway.json('GET', '/v1/runs/told/events');
  const shown = body.items.filter(({ type }: { type: string }) => type.startsWith('approval.'));
  expect(shown.map(({ type, actor }: { type: string; actor: string }) => [type, actor])).toEqual([
    ['approval.requested', 'orchestrator'],
    ['approval.opened', 'orchestrator'],
    ['approval.voted', 'olga'],
    ['approval.granted', 'orchestrator'],
  ]);
});
