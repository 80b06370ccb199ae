import { commandIdOfKey, runCommands, runIdOfKey, StartRun } from '@interlock/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PeopleSystem, startOnEmbedded } from '../e2e/people.system.ts';
import { Person } from '../e2e/person.ts';

/**
 * Item 17: the id of a run follows from its caller's name and key by public arithmetic. Whoever could guess both started a run of their
 * own under that id, and the caller's start was refused, or taken for that run.
 */
let system: PeopleSystem;
beforeAll(async () => {
  system = await startOnEmbedded();
});
afterAll(() => system?.remove());

const person = (sub: string, tenant?: string) => new Person(system, sub, ['operator', 'finance'], tenant);
const start = { workflow: 'pay-single', input: { entry: 'squatted', cents: 1 } };
const KEY = 'invoice-4711';

test('a client chooses no id of the form that keys derive', async () => {
  const runId = runIdOfKey({ sub: 'alice', tenant: 'acme' }, KEY);
  for (const text of [runId, runId.toUpperCase()]) {
    const body = { ...start, runId: text };
    const answer = await person('mallory').ask<{ errors: { path: string }[] }>('POST', '/v1/runs', body);
    expect([answer.status, answer.body.errors[0]?.path]).toEqual([400, 'runId']);
  }
});

test('a start under somebody else’s id that was written past the gateway makes no run, and theirs goes on', async () => {
  const runId = runIdOfKey({ sub: 'alice' }, KEY);
  const mallory = { sub: 'mallory', roles: ['operator'] };
  const known = (
    await person('alice').ask<{ items: { hash: string }[] }>('GET', '/v1/artifacts?kind=workflow')
  ).body;
  expect(known.items.length).toBeGreaterThan(0);
  await system.forge(async (forger) => {
    const partition = await forger.partitionOf(runCommands, runId);
    for (const key of [undefined, KEY, 'another-key']) {
      const { data } = StartRun({
        commandId: commandIdOfKey(mallory, runId, `${key}`),
        runId,
        by: mallory,
        issuedAt: Date.now(),
        workflow: { name: 'pay-single', version: 1, hash: known.items[0]!.hash },
        input: { entry: 'mine', cents: 1_000_000 },
        requestHash: 'f'.repeat(64),
        salt: 'A'.repeat(22),
        ...(key !== undefined && { key }),
      });
      await forger.sendMessage(runCommands, partition, runId, StartRun.wire, data);
    }
  });
  const before = await person('alice').ask('GET', `/v1/runs/${runId}`);
  expect(before.status).toBe(404);
  const key = { 'idempotency-key': KEY };
  const { status, body } = await person('alice').ask<{ runId: string }>(
    'POST',
    '/v1/runs?wait=20s',
    start,
    key,
  );
  expect([status, body]).toMatchObject([200, { runId, by: 'alice', status: 'waiting', input: start.input }]);
  const refused = (await system.finish()).get('orchestrator.quarantine')!.flat();
  const codes = refused.map(({ value }) => JSON.parse(Buffer.from(value ?? '{}').toString()).code);
  expect(codes).toEqual(['run.foreign_id', 'run.foreign_id', 'run.foreign_id']);
});
