import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../e2e/person.ts';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/** Issue 9, item 5: who had sent the signal that a call was made of approved the call. */
let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
const file = () => join(place.directory, 'paid.txt');
const paid = () => (existsSync(file()) ? readFileSync(file(), 'utf8') : '');
const person = (sub: string) =>
  new Person({ url: system.client.url, keys: system.client.keys }, sub, ['operator', 'finance']);

beforeAll(async () => {
  place = await newPlace('shaper');
  system = await startSystem({
    dataDir: join(place.directory, 'data'),
    environment: { INTERLOCK_MODULES: 'test/attacks/signals.module.ts', SIGNALS_FILE: file() },
  });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await place.remove();
});

test('who sent the signal that a call is made of does not approve it, nor does who started the run', async () => {
  const rita = person('rita');
  const { body: run } = await rita.ask<{ runId: string }>('POST', '/v1/runs', {
    workflow: 'pay-as-told',
    input: {},
  });
  const { runId } = run;
  await rita.runUntil(runId, 'waiting');
  const sig = person('sig');
  await sig.orders(runId, { type: 'signal', name: 'payee', data: { to: 'sig' } });
  const { approvalId } = await rita.pendingOf(runId);
  expect(await rita.approval(approvalId)).toMatchObject({ shapedBy: ['rita', 'sig'] });
  for (const own of [sig, person('SIG'), rita]) {
    const { status } = await own.votes(approvalId, 'approve');
    expect([own.sub, status]).toEqual([own.sub, 403]);
  }
  expect(paid()).toBe('');
  expect((await person('bo').votes(approvalId, 'approve')).status).toBe(202);
  await rita.runUntil(runId, 'completed');
  expect(paid()).toBe('sig\n');
});
