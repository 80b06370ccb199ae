import { afterAll, beforeAll, expect, test } from 'vitest';
import { askingDocument } from '../../../libs/read-model/test/documents.js';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

const claims = {
  workflow: 'claim',
  version: 1,
  purpose: 'Is found again.',
  input: {
    type: 'object',
    required: ['customerId', 'amount', 'note', 'email'],
    properties: {
      customerId: { type: 'string' },
      amount: { type: 'number' },
      note: { type: 'string' },
      email: { type: 'string', classification: 'personal' },
    },
  },
  search: { customer: 'input.customerId', amount: 'input.amount' },
  steps: { go: { wait: { signal: 'go', deadline: 'PT1H' } } },
};

let gateway: GatewayUnderTest;
const runs: string[] = [];
beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ documents: [claims, askingDocument] });
  for (const [at, note] of ['a broken lamp', 'a lamp', 'a chair'].entries()) {
    const input = { customerId: `cus-${at}`, amount: at * 100, note, email: `secret${at}@example.com` };
    const { body } = await gateway.json('POST', '/v1/runs?wait=30s', { workflow: 'claim', input });
    runs.push(body.runId);
  }
});
afterAll(() => gateway.remove());

const list = (query: Record<string, string>, headers = {}) =>
  gateway.json('GET', `/v1/runs?${new URLSearchParams(query)}`, undefined, headers);
const found = async (query: Record<string, string>, headers = {}) =>
  (await list(query, headers)).body.items.map(({ runId }: { runId: string }) => runs.indexOf(runId));

test.each([
  ['run.search.customer == "cus-1"', [1]],
  ['run.status == "waiting" && run.search.amount >= 100', [2, 1]],
  ['run.workflow == "claim" && !(run.search.customer in ["cus-0", "cus-2"])', [1]],
  ['run.waiting == "signal" && run.version == 1 && run.requester == "olga"', [2, 1, 0]],
  ['run.startedAt > timestamp("2020-01-01T00:00:00Z") && run.search.amount < 100', [0]],
  ['run.startedAt < timestamp("2020-01-01T00:00:00Z")', []],
  ['run.text.contains("lamp") && run.search.amount > 0', [1]],
  ['run.failure.code == "x"', []],
])('runs are found by a filter: %s', async (filter, expected) => {
  expect(await found({ filter })).toEqual(expected);
});

test('runs are found by words, beside everything else; what is classified is no word of theirs', async () => {
  expect(await found({ words: 'lamp' })).toEqual([1, 0]);
  expect(await found({ words: '"broken lamp"' })).toEqual([0]);
  expect(await found({ words: 'lamp', filter: 'run.search.amount > 0', status: 'waiting' })).toEqual([1]);
  expect(await found({ words: 'example.com' })).toEqual([]);
});

test('a run shows what it is found by, and is found by what it has become', async () => {
  expect((await gateway.json('GET', `/v1/runs/${runs[1]}`)).body.search).toEqual({
    customer: 'cus-1',
    amount: 100,
  });
  const { body: asked } = await gateway.json('POST', '/v1/runs?wait=30s', { workflow: 'ask', input: {} });
  const [approval] = (await gateway.json('GET', `/v1/approvals?status=pending`)).body.items;
  const lena = { authorization: `Bearer ${await developmentToken(gateway.directory, 'lena', ['operator'])}` };
  const vote = { vote: 'approve', callHash: approval.callHash, reason: 'checked' };
  expect((await gateway.json('POST', `/v1/approvals/${approval.approvalId}/votes`, vote, lena)).status).toBe(
    202,
  );
  const byApprover = async () => (await list({ filter: 'run.approver == "lena" && run.success' })).body.items;
  await gateway.until(async () => (await byApprover()).length === 1);
  expect(await byApprover()).toMatchObject([
    { runId: asked.runId, status: 'completed', approvedBy: ['lena'] },
  ]);
});

test('pages follow one another', async () => {
  const filter = 'run.workflow == "claim"';
  const first = await list({ filter, limit: '2' });
  const second = await list({ filter, limit: '2', cursor: first.body.next });
  expect([...first.body.items, ...second.body.items].map(({ runId }) => runs.indexOf(runId))).toEqual([
    2, 1, 0,
  ]);
  expect(second.body).not.toHaveProperty('next');
});

test('a tenant finds its own runs only', async () => {
  const other = await developmentToken(gateway.directory, 'otto', ['operator'], 'other');
  const auditor = await developmentToken(gateway.directory, 'ada', ['auditor'], '*');
  const filter = 'run.search.customer == "cus-1"';
  expect(await found({ filter }, { authorization: `Bearer ${other}` })).toEqual([]);
  expect(await found({ words: 'lamp' }, { authorization: `Bearer ${other}` })).toEqual([]);
  expect(await found({ filter }, { authorization: `Bearer ${auditor}` })).toEqual([1]);
});

test('an error in a filter is named by its place', async () => {
  const { status, body } = await list({ filter: 'run.status == "failed" && run.colour == "red"' });
  expect(status).toBe(400);
  expect(body).toMatchObject({
    code: 'filter.invalid',
    errors: [
      { path: 'filter', line: 1, column: 27, message: expect.stringContaining('no field run.colour') },
    ],
  });
});
