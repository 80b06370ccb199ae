import {
  ApprovalEscalated,
  ApprovalGranted,
  type ApprovalRequirement,
  type Message,
} from '@interlock/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callHashIn, opened, voted } from '../../../libs/read-model/test/approval.records.js';
import { GatewayUnderTest } from './gateway.under-test.js';
import { RunStandIn } from './run.stand-in.js';
import { counted, refusedAs, type Vote, VoteStandIn } from './vote.stand-in.js';

let gateway: GatewayUnderTest;
let runs: RunStandIn;
let service: VoteStandIn;
let answer: (vote: Vote) => readonly Message[];
beforeEach(async () => {
  gateway = await GatewayUnderTest.start({ orchestrator: false });
  runs = new RunStandIn(gateway.broker);
  answer = () => [];
  service = await VoteStandIn.start(gateway.broker, runs, (vote) => answer(vote));
});
afterEach(async () => {
  await service.stop();
  await gateway.remove();
});

/** Olga, who asks here, is an operator. */
const single: ApprovalRequirement = { kind: 'single', approvers: ['operator'] };
const dual: ApprovalRequirement = { kind: 'dual', approvers: ['operator'] };
const callHash = callHashIn('a.2');
const yes = { vote: 'approve', callHash, reason: 'The photo shows it.' };
const no = { vote: 'deny', callHash, reason: 'The photo shows nothing.' };

const cast = (body: unknown, headers = {}, approvalId = 'a.2') =>
  gateway.json('POST', `/v1/approvals/${approvalId}/votes`, body, headers);
const show = async () => (await gateway.json('GET', '/v1/approvals/a.2')).body;
const key = { 'idempotency-key': 'vote-1' };

const granted = ({ approvalId }: Vote) =>
  ApprovalGranted({ approvalId, callHash: callHashIn(approvalId), votes: [] });

async function waitingFor(requirement: ApprovalRequirement, requester = 'rita'): Promise<void> {
  await runs.start('a', requester);
  await runs.append('a', ...opened('a.2', requirement, requester));
  await gateway.until(async () => (await gateway.json('GET', '/v1/approvals/a.2')).status === 200);
}

describe('a vote', () => {
  test('is answered with the approval that it decides', async () => {
    await waitingFor(single);
    answer = (vote) => [counted(vote), granted(vote)];
    const { status, body } = await cast(yes);
    expect([status, body.status]).toEqual([202, 'granted']);
    expect(body.votes).toMatchObject([{ by: 'olga', vote: 'approve', reason: yes.reason }]);
    expect(service.votes).toMatchObject([
      { approvalId: 'a.2', runId: 'a', by: { sub: 'olga', roles: ['operator', 'admin'] }, ...yes },
    ]);
  });

  test('is durable when it is answered, also while the approval service is down', async () => {
    await waitingFor(single);
    const { status, body } = await cast(no);
    expect([status, body.status, body.votes]).toEqual([202, 'pending', []]);
    expect(service.votes).toHaveLength(1);
  });

  test('of the same person for the same again is answered with 202 and counts once', async () => {
    await waitingFor(dual);
    answer = (vote) => [counted(vote)];
    expect((await cast(yes)).body).toMatchObject({ status: 'pending', missing: 1 });
    const again = await cast({ ...yes, reason: 'Once more.' });
    expect([again.status, again.body.votes.length, again.body.missing]).toEqual([202, 1, 1]);
    expect(service.votes).toHaveLength(1);
  });

  test('of the same person under another spelling is the same again', async () => {
    await waitingFor(dual);
    await runs.append('a', voted('a.2', 'Ｏlga ', ['operator'], 'approve'));
    await gateway.until(async () => (await show()).votes.length === 1);
    const again = await cast(yes);
    expect([again.status, again.body.votes.length, again.body.missing]).toEqual([202, 1, 1]);
    expect(service.votes).toEqual([]);
  });

  test('sent twice at once counts once, and both are answered with 202', async () => {
    await waitingFor(dual);
    const again = refusedAs('already_voted', 'olga has approved already');
    answer = (vote) => [service.votes.length === 1 ? counted(vote) : again(vote)];
    const answers = await Promise.all([cast(yes), cast(yes)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect((await show()).votes).toHaveLength(1);
  });

  test('that was on its way when somebody else’s settled it is refused', async () => {
    await waitingFor(single);
    const other = { by: { sub: 'ona', roles: ['operator'] }, commandId: 'other' };
    answer = (vote) => [
      counted({ ...vote, ...other }),
      granted(vote),
      refusedAs('settled', 'it was granted before this vote')(vote),
    ];
    const { status, body } = await cast(yes);
    expect([status, body.detail]).toEqual([409, 'This approval is granted already.']);
  });

  test('against what the same person approved still ends it', async () => {
    await waitingFor(dual);
    answer = (vote) => [counted(vote)];
    await cast(yes);
    const { status, body } = await cast(no);
    expect([status, body.votes.map(({ vote }: { vote: string }) => vote)]).toEqual([
      202,
      ['approve', 'deny'],
    ]);
  });

  test('is open to the next group from the escalation on', async () => {
    await waitingFor({ kind: 'single', approvers: ['lead'], escalateTo: ['operator'] });
    expect((await cast(yes)).status).toBe(403);
    await runs.append('a', ApprovalEscalated({ approvalId: 'a.2', to: ['operator'] }));
    await gateway.until(async () => (await show()).escalated);
    expect((await cast(yes)).status).toBe(202);
  });
});

describe('an Idempotency-Key', () => {
  test('makes repeats one vote, also after it has decided', async () => {
    await waitingFor(single);
    const first = await cast(yes, key);
    const second = await cast(yes, key);
    expect([first.status, second.status]).toEqual([202, 202]);
    const commands = service.votes.map(({ commandId }) => commandId);
    expect([commands.length, new Set(commands).size]).toEqual([2, 1]);
    const [vote] = service.votes;
    await runs.append('a', counted(vote!), granted(vote!));
    await gateway.until(async () => (await show()).status === 'granted');
    const late = await cast(yes, key);
    expect([late.status, late.body.status]).toEqual([202, 'granted']);
    expect(service.votes).toHaveLength(2);
    expect((await cast(yes)).status).toBe(409);
  });

  test('used for another vote is a conflict', async () => {
    await waitingFor(dual);
    answer = (vote) => [counted(vote)];
    await cast(yes, key);
    expect((await cast(no, key)).status).toBe(409);
    expect((await cast({ ...yes, reason: 'Another reason.' }, key)).status).toBe(409);
  });
});

describe('a vote is refused', () => {
  test('from somebody without the role', async () => {
    await waitingFor({ kind: 'single', approvers: ['lead', 'finance'] });
    const { status, body } = await cast(yes);
    expect([status, body.code, body.detail]).toEqual([
      403,
      'wrong_role',
      'Only lead or finance may vote on this.',
    ]);
    expect(service.votes).toEqual([]);
  });

  test('from whoever asked for it', async () => {
    await waitingFor(single, 'olga');
    const { status, body } = await cast(yes);
    expect([status, body.detail]).toEqual([403, 'olga asked for this: somebody else has to decide.']);
  });

  test('from whoever shaped it, under any name that looks the same', async () => {
    const shapedBy = ['rita', 'ol\u034fga'];
    await runs.start('a', 'rita');
    await runs.append('a', ...opened('a.2', single, 'rita', { shapedBy }));
    await gateway.until(async () => (await gateway.json('GET', '/v1/approvals/a.2')).status === 200);
    const { status, body } = await cast(yes);
    expect([status, body.detail]).toEqual([403, expect.stringContaining('shaped this')]);
    expect(service.votes).toEqual([]);
  });

  test('for another call than is asked about', async () => {
    await waitingFor(single);
    const { status, body } = await cast({ ...yes, callHash: callHashIn('b.2') });
    expect([status, body.detail]).toEqual([409, expect.stringContaining('Look at it again')]);
    expect(service.votes).toEqual([]);
  });

  test('after it is settled', async () => {
    await waitingFor(single);
    await runs.append('a', granted({ approvalId: 'a.2' } as Vote));
    await gateway.until(async () => (await show()).status === 'granted');
    const { status, body } = await cast(no);
    expect([status, body.detail]).toEqual([409, 'This approval is granted already.']);
  });

  test.each([
    ['settled', 409],
    ['wrong_role', 403],
    ['own_request', 403],
    ['other_tenant', 403],
    ['other_call', 409],
    ['command_expired', 409],
  ] as const)('when the approval service knows better: %s', async (code, status) => {
    await waitingFor(single);
    answer = (vote) => [refusedAs(code, 'it says no')(vote)];
    const refusal = await cast(yes, key);
    const { detail } = refusal.body;
    expect([refusal.status, refusal.body.code, detail]).toEqual([
      status,
      code,
      'The vote was refused: it says no.',
    ]);
    expect((await cast(yes, key)).status).toBe(status);
    expect(service.votes).toHaveLength(1);
  });

  test('on an approval nobody knows', async () => {
    await waitingFor(single);
    for (const id of ['a.7', 'b.2', 'odd']) expect((await cast(yes, {}, id)).status).toBe(404);
  });

  test.each([
    ['no vote', { callHash, reason: 'r' }],
    ['no callHash', { vote: 'approve', reason: 'r' }],
    ['an empty callHash', { ...yes, callHash: '' }],
    ['another word', { ...yes, vote: 'yes' }],
    ['no reason', { vote: 'approve', callHash }],
    ['an empty reason', { ...yes, reason: '' }],
    ['a reason of a page', { ...yes, reason: 'x'.repeat(2_001) }],
    ['an unknown field', { ...yes, by: 'lea' }],
    ['a list', '[1]'],
  ])('with %s', async (_what, body) => {
    await waitingFor(single);
    expect((await cast(body)).status).toBe(400);
    expect(service.votes).toEqual([]);
  });

  test('with a query, or a key that is none', async () => {
    await waitingFor(single);
    const { status } = await gateway.json('POST', '/v1/approvals/a.2/votes?force=1', yes);
    expect([status, (await cast(yes, { 'idempotency-key': 'k'.repeat(256) })).status]).toEqual([400, 400]);
  });
});
