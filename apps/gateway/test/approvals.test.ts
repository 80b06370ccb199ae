import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ApprovalDenied,
  ApprovalEscalated,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalReminded,
  ApprovalUnneeded,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
  type Message,
  RunCancelled,
} from '@interlock/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  callHashIn,
  hashedIn,
  opened,
  requirements,
  voted,
} from '../../../libs/read-model/test/approval.records.js';
import { GatewayUnderTest } from './gateway.under-test.js';
import { RunStandIn } from './run.stand-in.js';

let gateway: GatewayUnderTest;
let runs: RunStandIn;
beforeEach(async () => {
  gateway = await GatewayUnderTest.start({ orchestrator: false });
  runs = new RunStandIn(gateway.broker);
});
afterEach(() => gateway.remove());

const inbox = async (query = '') => (await gateway.json('GET', `/v1/approvals${query}`)).body;
const idsOf = async (query: string): Promise<string[]> =>
  (await inbox(query)).items.map(({ approvalId }: { approvalId: string }) => approvalId);
const show = async (approvalId: string) => (await gateway.json('GET', `/v1/approvals/${approvalId}`)).body;

/** A run with one approval, `<runId>.3`, and what happened to it. */
async function approvalOf(runId: string, ...events: readonly Message[]): Promise<string> {
  await runs.start(runId);
  await runs.append(runId, ...events);
  await gateway.until(async () => {
    const { status, body } = await gateway.json('GET', `/v1/runs/${runId}`);
    return status === 200 && body.lastSeq === events.length + 1;
  });
  return `${runId}.2`;
}

const lead = { sub: 'lea', roles: ['lead'] };
const granted = (approvalId: string) =>
  ApprovalGranted({ approvalId, callHash: callHashIn(approvalId), votes: [] });

describe('an approval', () => {
  test('shows who may vote on what, why, until when, and who asked', async () => {
    const approvalId = await approvalOf('a', ...opened('a.2'));
    const { status, body } = await gateway.json('GET', `/v1/approvals/${approvalId}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      approvalId: 'a.2',
      runId: 'a',
      workflow: { name: 'wait-for-go', version: 1 },
      step: 'go',
      status: 'pending',
      required: 'single',
      missing: 1,
      approvers: ['lead'],
      requester: 'rita',
      shapedBy: ['rita'],
      action: {
        tool: 'refunds.create',
        arguments: { orderId: 'ord-1', amount: 120 },
        callHash: callHashIn('a.2'),
        hashed: hashedIn('a.2'),
      },
      callHash: callHashIn('a.2'),
      why: ['refunds.medium'],
      reason: 'Over 50 needs a lead.',
      votes: [],
      refusedVotes: [],
      openedAt: '2026-11-22T09:15:01.000Z',
      expiresAt: '2026-11-23T09:15:00.000Z',
      escalated: false,
    });
    expect((await inbox()).items).toEqual([body]);
  });

  test('that is a question has no action', async () => {
    const body = await show(await approvalOf('a', ...asked('a.2')));
    expect(body).toMatchObject({ question: 'Is this customer known?', details: { customer: 'cus-1' } });
    expect(body.action).toBeUndefined();
  });

  test('counts its votes until it is granted', async () => {
    const votes = [
      voted('a.2', 'fay', ['finance'], 'approve'),
      ApprovalVoteRefused({
        approvalId: 'a.2',
        commandId: 'c',
        by: { sub: 'fay', roles: ['finance'] },
        vote: 'approve',
        callHash: callHashIn('a.2'),
        code: 'already_voted',
        message: 'fay has approved already',
      }),
    ];
    const first = await show(await approvalOf('a', ...opened('a.2', requirements.dual), ...votes));
    expect(first).toMatchObject({ status: 'pending', required: 'dual', missing: 1 });
    expect(first.votes).toEqual([
      { by: 'fay', vote: 'approve', at: '2026-11-22T09:15:01.000Z', reason: 'fay says so' },
    ]);
    expect(first.refusedVotes).toMatchObject([{ by: 'fay', code: 'already_voted' }]);
    await runs.append('a', voted('a.2', 'finn', ['finance'], 'approve'), granted('a.2'));
    await gateway.until(async () => (await show('a.2')).status === 'granted');
    expect(await show('a.2')).toMatchObject({ missing: 0, settledAt: '2026-11-22T09:15:02.000Z' });
  });

  test('is for the next group too once it was escalated', async () => {
    await approvalOf('a', ...opened('a.2', requirements.dual), ApprovalReminded({ approvalId: 'a.2' }));
    expect(await idsOf('?role=director')).toEqual([]);
    await runs.append('a', ApprovalEscalated({ approvalId: 'a.2', to: ['director'] }));
    await gateway.until(async () => (await show('a.2')).escalated);
    expect((await show('a.2')).approvers).toEqual(['finance', 'director']);
    expect(await idsOf('?role=director')).toEqual(['a.2']);
  });

  test.each([
    ['denied', ApprovalDenied({ approvalId: 'a.2', by: lead, reason: 'no' })],
    ['expired', ApprovalExpired({ approvalId: 'a.2', onExpiry: 'deny' })],
    ['withdrawn', ApprovalWithdrawn({ approvalId: 'a.2', because: 'the run was cancelled' })],
    ['withdrawn', ApprovalUnneeded({ approvalId: 'a.2', step: 'go', because: 'cancelled' })],
    ['withdrawn', RunCancelled({ reason: 'test' })],
  ])('is %s by what the log says', async (status, event) => {
    await approvalOf('a', ...opened('a.2'), event);
    expect(await show('a.2')).toMatchObject({ status, missing: 0 });
    expect([await idsOf('?status=pending'), await idsOf(`?status=${status}`)]).toEqual([[], ['a.2']]);
  });

  test('that was granted stays so when its run ends', async () => {
    await approvalOf('a', ...opened('a.2'), granted('a.2'), RunCancelled({ reason: 'test' }));
    expect((await show('a.2')).status).toBe('granted');
  });

  test.each(['a.99', 'nothing.2', 'nothing', '%2e%2e', 'a/2', 'x'.repeat(300)])(
    '%s is unknown',
    async (id) => {
      await approvalOf('a', ...opened('a.2'));
      expect((await gateway.json('GET', `/v1/approvals/${id}`)).status).toBe(404);
    },
  );
});

test('a run with the longest id there is has approvals as well', async () => {
  const runId = 'r'.repeat(100);
  expect((await show(await approvalOf(runId, ...opened(`${runId}.2`)))).approvalId).toBe(`${runId}.2`);
});

describe('the list', () => {
  test('is newest first, complete over its pages, and says how far it has read', async () => {
    for (const runId of ['a', 'b', 'c', 'd', 'e']) await approvalOf(runId, ...opened(`${runId}.2`));
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await inbox(`?limit=2${cursor}`);
      expect(page.asOf['run.events']).toBeDefined();
      seen.push(...page.items.map(({ approvalId }: { approvalId: string }) => approvalId));
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(seen).toEqual(['e.2', 'd.2', 'c.2', 'b.2', 'a.2']);
  });

  test('can be narrowed to a status, a role and a run', async () => {
    await approvalOf('a', ...opened('a.2'));
    await approvalOf('b', ...opened('b.2', requirements.dual));
    await approvalOf('c', ...opened('c.2'), granted('c.2'));
    expect(await idsOf('?status=pending')).toEqual(['b.2', 'a.2']);
    expect(await idsOf('?role=lead')).toEqual(['c.2', 'a.2']);
    expect(await idsOf('?status=pending&role=lead')).toEqual(['a.2']);
    expect(await idsOf('?runId=b')).toEqual(['b.2']);
    expect(await idsOf('?role=lea')).toEqual([]);
  });

  test.each(['status=open', 'limit=0', 'limit=501', 'cursor=odd', 'colour=red', 'role=', 'runId=a%2Fb'])(
    'refuses %s',
    async (query) => expect((await gateway.json('GET', `/v1/approvals?${query}`)).status).toBe(400),
  );
});

test('an approval that a run waits for is in the list already', async () => {
  const ids = Array.from({ length: 20 }, (_, at) => `run-${at}`);
  const written = ids.map((runId) =>
    runs.start(runId).then(() => runs.append(runId, ...opened(`${runId}.2`))),
  );
  const [seen] = await Promise.all([
    Promise.all(
      ids.map(async (runId) => {
        let named: string | undefined;
        await gateway.until(async () => {
          const { body } = await gateway.json('GET', `/v1/runs/${runId}`);
          named = body.waitingFor?.[0].approvalId;
          return named !== undefined;
        });
        return (await idsOf('?status=pending&limit=500')).includes(named ?? '');
      }),
    ),
    ...written,
  ]);
  expect(seen).toEqual(ids.map(() => true));
});

describe('rebuilding', () => {
  async function someApprovals(): Promise<unknown> {
    await approvalOf('a', ...opened('a.2', requirements.dual), voted('a.2', 'fay', ['finance'], 'approve'));
    await approvalOf('b', ...opened('b.2'), granted('b.2'));
    await approvalOf('c', ...opened('c.2'), RunCancelled({ reason: 'test' }));
    const { items } = await inbox();
    await gateway.close();
    return items;
  }

  const reopen = async () => {
    gateway = await GatewayUnderTest.start({ directory: gateway.directory, orchestrator: false });
  };

  test('from the log alone gives the same approvals', async () => {
    const before = await someApprovals();
    await rm(join(gateway.directory, 'gateway'), { recursive: true });
    await reopen();
    expect((await inbox()).items).toEqual(before);
  });

  test('is not needed after a restart: it goes on where it stood', async () => {
    const before = await someApprovals();
    await reopen();
    expect((await inbox()).items).toEqual(before);
  });
});
