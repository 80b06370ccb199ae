import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callHashOf, type HashedCall } from '@interlock/contracts';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisServer } from '../../libs/read-model/test/redis.server.ts';
import { eventually } from '../e2e/eventually.ts';
import { Person } from '../e2e/person.ts';
import { newPlace } from '../e2e/place.ts';
import { acceptedOf, readStoredLog } from '../e2e/stored.log.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { tillRequestsIn } from '../e2e/till.module.ts';
import { tokenOf } from '../e2e/tokens.ts';

/**
 * Issue 9, item 4: whoever could write the Redis of a gateway decided what approvers saw and what was signed. `approvals show` said
 * charity/5 while mallory was paid, and an export of rewritten events, their chain computed again, was signed and found good.
 */
const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const charity = { entry: 'charity', cents: 5 };
let place: Awaited<ReturnType<typeof newPlace>>;
let server: RedisServer;
let redis: Redis;
let system: SystemProcess;
const dataDir = () => join(place.directory, 'data');
const tillFile = () => join(place.directory, 'till.jsonl');
const paid = () => tillRequestsIn(tillFile()).map(({ entry }) => entry);
const person = (sub: string, ...roles: string[]) =>
  new Person({ url: system.client.url, keys: system.client.keys }, sub, roles);

beforeAll(async () => {
  place = await newPlace('hostile-redis');
  server = await RedisServer.start();
  redis = new Redis(server.url);
  system = await startSystem({
    dataDir: dataDir(),
    environment: {
      REDIS_URL: server.url,
      INTERLOCK_MODULES: 'test/e2e/till.module.ts',
      TILL_FILE: tillFile(),
    },
  });
}, 60_000);
afterAll(async () => {
  await system?.stop('SIGKILL');
  redis?.disconnect();
  await server?.remove();
  await place.remove();
});

/** What the command line of somebody with these roles says, and how it ends. */
async function says(sub: string, role: string, ...words: string[]): Promise<{ code: number; out: string }> {
  const token = await tokenOf(system.client.keys, { sub, roles: [role] });
  const { url } = system.client;
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...words, '--url', url, '--token', token], (error, out, errors) =>
      resolve({ code: Number(error?.code ?? 0), out: out + errors }),
    );
  });
}

const keyOf = async (suffix: string): Promise<string> => {
  const keys = await redis.keys(`*:${suffix}`);
  expect(keys).toHaveLength(1);
  return keys[0]!;
};

interface StoredApproval {
  step: string;
  runId: string;
  callHash: string;
  salt: string;
  generation: number;
  action: { toolHash: string; occurrence: number; arguments: unknown };
}

async function rewriteApproval(approvalId: string, change: (record: StoredApproval) => void): Promise<void> {
  const key = await keyOf(`approval:${approvalId}`);
  const record = JSON.parse((await redis.hget(key, 'record'))!) as StoredApproval;
  change(record);
  await redis.hset(key, 'record', JSON.stringify(record));
}

test('a call that Redis shows otherwise gets nobody’s vote', async () => {
  const rita = person('rita', 'operator');
  const { approvalId, runId } = await rita.asksFor('pay-single', { entry: 'mallory', cents: 1_000_000 });
  await rewriteApproval(approvalId, (record) => {
    record.action.arguments = charity;
  });
  const shown = await says('ada', 'finance', 'approvals', 'show', approvalId);
  expect([shown.code, shown.out]).toEqual([1, expect.stringContaining('Do not vote on this')]);
  const vote = await says('ada', 'finance', 'approvals', 'approve', approvalId, '--reason', 'for charity');
  expect([vote.code, vote.out]).toEqual([1, expect.stringContaining('You have not voted')]);

  // With a hash that fits: now the vote is for another call than the one that waits.
  await rewriteApproval(approvalId, (record) => {
    const { step: path, runId: run, generation, salt, action } = record;
    const call: HashedCall = { runId: run, path, generation, salt, ...action, arguments: charity };
    record.callHash = callHashOf(call);
  });
  const fits = await says('ada', 'finance', 'approvals', 'show', approvalId);
  expect([fits.code, fits.out]).toEqual([0, expect.stringContaining('charity')]);
  await says('ada', 'finance', 'approvals', 'approve', approvalId, '--reason', 'for charity');
  await eventually('the approval service to refuse the vote', async () =>
    (await rita.events(runId)).some(
      ({ type, data }) => type === 'approval.vote_refused' && data.code === 'other_call',
    ),
  );
  expect((await rita.run(runId)).status).toBe('waiting');
  expect(paid()).toEqual([]);
});

test('a Redis that names other events, or hides some, makes no export that is believed', async () => {
  const rita = person('rita', 'operator');
  const { approvalId, runId } = await rita.asksFor('pay-single', { entry: 'honest', cents: 7 });
  await person('ada', 'finance').votes(approvalId, 'approve');
  await rita.runUntil(runId, 'completed');
  const pinned = join(place.directory, 'keys.json');
  writeFileSync(pinned, JSON.stringify((await rita.ask('GET', '/v1/keys')).body));
  const verified = async () => {
    const file = join(place.directory, 'run.ndjson');
    writeFileSync(file, (await says('rita', 'operator', 'run', 'export', runId)).out);
    return says('rita', 'operator', 'verify', file, '--keys', pinned);
  };
  const before = await verified();
  expect([before.code, before.out]).toEqual([0, expect.stringContaining('pinned keys')]);

  // Redis holds no event, only where they stand: it can name others, or hide some.
  const key = await keyOf(`places:${runId}`);
  const places = await redis.lrange(key, 0, -1);
  const other = await rita.asksFor('pay-single', { entry: 'other', cents: 9 });
  const others = await redis.lrange(await keyOf(`places:${other.runId}`), 0, -1);
  await redis.lset(key, 0, others[0]!);
  const { status, body } = await rita.ask('GET', `/v1/runs/${runId}/events`);
  expect([status, body]).toEqual([410, expect.objectContaining({ code: 'gone' })]);
  expect((await verified()).code).not.toBe(0);
  await redis.lset(key, 0, places[0]!);
  await redis.ltrim(key, 0, 3);
  const hidden = await verified();
  expect([hidden.code, hidden.out]).toEqual([1, expect.stringContaining('the head')]);
  expect(paid()).toEqual(['honest']);
});

test('the log says what was refused, and that nobody was paid for a lie', async () => {
  await system.stop();
  const log = acceptedOf(await readStoredLog(dataDir()), 'approval.events');
  expect(log.filter(({ type }) => type === 'approval.vote_refused')).toHaveLength(1);
});
