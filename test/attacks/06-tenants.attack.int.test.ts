import { approvalCommands, CancelRun, CastVote, runCommands } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PeopleSystem, startOnEmbedded } from '../e2e/people.system.ts';
import { Person } from '../e2e/person.ts';

/** Item 6: the token of one tenant read, voted on and cancelled the run of another. */
let system: PeopleSystem;
let run: Approval;
beforeAll(async () => {
  system = await startOnEmbedded();
  run = await member('anna', 'acme').asksFor('pay-dual', { entry: 'walls', cents: 100 });
});
afterAll(() => system?.remove());

const vote = { vote: 'approve', reason: 'mine now', callHash: 'f'.repeat(64) };
const member = (sub: string, tenant?: string, roles = ['operator', 'finance', 'admin']) =>
  new Person(system, sub, roles, tenant);

interface Question {
  readonly what: string;
  readonly path: string;
  readonly body?: unknown;
  readonly accept?: string;
}
const questions: readonly Question[] = [
  { what: 'the run', path: '/v1/runs/RUN' },
  { what: 'its events', path: '/v1/runs/RUN/events' },
  { what: 'an export', path: '/v1/runs/RUN/events', accept: 'application/x-ndjson' },
  { what: 'a live stream', path: '/v1/runs/RUN/events', accept: 'text/event-stream' },
  { what: 'its state', path: '/v1/runs/RUN/state' },
  { what: 'a cancellation', path: '/v1/runs/RUN/commands', body: { type: 'cancel', reason: 'mine now' } },
  { what: 'its approval', path: '/v1/approvals/APPROVAL' },
  { what: 'a vote', path: '/v1/approvals/APPROVAL/votes', body: vote },
];

/** What is answered, but for the ids that were asked for. */
async function answerTo(asker: Person, { path, body, accept }: Question, { runId, approvalId }: Ids) {
  const address = path.replace('RUN', runId).replace('APPROVAL', approvalId);
  const headers: Record<string, string> = accept === undefined ? {} : { accept };
  const answer = await asker.ask<object>(body === undefined ? 'GET' : 'POST', address, body, headers);
  return JSON.stringify(answer).replaceAll(approvalId, 'APPROVAL').replaceAll(runId, 'RUN');
}
type Ids = Pick<Approval, 'runId' | 'approvalId'>;
const nobodys: Ids = {
  runId: '5c1f6a3e-0000-4000-8000-000000000000',
  approvalId: '5c1f6a3e-0000-4000-8000-000000000000.9',
};

describe.each([['globex'], [undefined], ['ACME']])('somebody of the tenant %s', (tenant) => {
  test.each(questions)('is told of $what the same as of a run that never was', async (question) => {
    const bob = member('bob', tenant);
    const hers = await answerTo(bob, question, run);
    expect(hers).toContain('"status":404');
    expect(hers).toBe(await answerTo(bob, question, nobodys));
  });

  test('finds nothing of it in lists, and gets another run under the same key', async () => {
    const bob = member('bob', tenant);
    for (const path of [
      '/v1/runs',
      '/v1/approvals',
      `/v1/approvals?runId=${run.runId}`,
      '/v1/approvals?role=finance',
    ]) {
      const { body } = await bob.ask<{ items: { runId: string }[] }>('GET', path);
      expect(body.items.filter(({ runId }) => runId === run.runId)).toEqual([]);
    }
    const start = { workflow: 'pay-single', input: { entry: 'key', cents: 1 } };
    const key = { 'idempotency-key': 'the-same-key' };
    const hers = await member('bob', 'acme').ask<{ runId: string }>('POST', '/v1/runs', start, key);
    const his = await bob.ask<{ runId: string }>('POST', '/v1/runs', start, key);
    expect([hers.status, his.status]).toEqual([202, 202]);
    expect(his.body.runId).not.toBe(hers.body.runId);
  });
});

test('a run’s id that was chosen elsewhere is taken, and says nothing else', async () => {
  const start = { workflow: 'pay-single', input: { entry: 'chosen', cents: 1 }, runId: 'chosen-by-anna' };
  expect((await member('anna', 'acme').ask('POST', '/v1/runs', start)).status).toBe(202);
  const again = await member('bob', 'globex').ask<{ detail: string }>('POST', '/v1/runs', start);
  expect([again.status, JSON.stringify(again.body)]).toEqual([409, expect.not.stringContaining('acme')]);
});

test('an artifact is everybody’s, so no tenant publishes one', async () => {
  const artifact = { kind: 'policy', name: 'mine', version: 1, document: { policies: [] } };
  expect((await member('bob', 'globex').publishes(artifact)).status).toBe(403);
});

test('who looks after the installation crosses the walls as far as the role goes', async () => {
  const path = `/v1/runs/${run.runId}`;
  const pause = { type: 'pause', reason: 'the installation is moved' };
  const auditor = member('ines', '*', ['auditor']);
  expect((await auditor.ask('GET', path)).status).toBe(200);
  expect((await auditor.ask('POST', `${path}/commands`, pause)).status).toBe(403);
  expect((await member('ivan', '*', ['finance']).ask('GET', path)).status).toBe(403);
  const operator = member('oleg', '*', ['operator']);
  expect((await operator.ask('POST', `${path}/commands`, pause)).status).toBe(202);
  expect(
    (await operator.ask('POST', '/v1/runs', { workflow: 'pay-single', input: { entry: 'x', cents: 1 } }))
      .status,
  ).toBe(403);
  await member('anna', 'acme').runUntil(run.runId, 'paused');
  await member('anna', 'acme').orders(run.runId, { type: 'resume' });
});

test('a command that was written past the gateway is refused by the run', async () => {
  const by = { sub: 'mallory', roles: ['operator', 'finance'], tenant: 'globex' };
  const at = { runId: run.runId, by, issuedAt: Date.now(), reason: 'mine now' };
  await system.forge(async (forger) => {
    const partition = await forger.partitionOf(runCommands, run.runId);
    const cancel = { ...at, commandId: 'forged-cancel', rollback: true };
    await forger.sendMessage(runCommands, partition, run.runId, CancelRun.wire, cancel);
  });
  const anna = member('anna', 'acme');
  await anna.orders(run.runId, { type: 'cancel', rollback: false });
  await anna.runUntil(run.runId, 'cancelled');
  const events = await anna.events(run.runId);
  expect(events.filter(({ data }) => data.commandId === 'forged-cancel')).toMatchObject([
    { type: 'command.refused', data: { code: 'run.other_tenant' } },
  ]);
});

test('votes that were written past the gateway for a run of another tenant are refused, a no as well as a yes', async () => {
  const anna = member('anna', 'acme');
  const { approvalId, runId, callHash } = await anna.asksFor('pay-single', {
    entry: 'past the gateway',
    cents: 9,
  });
  const strangers = [undefined, 'globex', 'ACME', 'acme ', '*'].flatMap((tenant) =>
    (['deny', 'approve'] as const).map((said) => ({ tenant, vote: said, commandId: `${said} of ${tenant}` })),
  );
  await system.forge(async (forger) => {
    const partition = await forger.partitionOf(approvalCommands, runId);
    for (const { tenant, ...said } of strangers) {
      const by = { sub: 'mallory', roles: ['finance'], ...(tenant !== undefined && { tenant }) };
      const { data } = CastVote({
        ...said,
        approvalId,
        runId,
        callHash,
        by,
        reason: 'mine',
        issuedAt: Date.now(),
      });
      await forger.sendMessage(approvalCommands, partition, runId, CastVote.wire, data);
    }
  });
  expect((await member('olga', 'acme').votes(approvalId, 'approve')).status).toBe(202);
  await anna.runUntil(runId, 'completed');
  const approval = await anna.approval(approvalId);
  expect(approval).toMatchObject({ status: 'granted', votes: [{ by: 'olga', vote: 'approve' }] });
  const refused = (await anna.events(runId)).filter(({ type }) => type === 'approval.vote_refused');
  expect(refused.map(({ data }) => [data.commandId, data.code])).toEqual(
    strangers.map(({ commandId }) => [commandId, 'other_tenant']),
  );
});
