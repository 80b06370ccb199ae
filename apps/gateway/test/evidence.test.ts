import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { evidenceKeyPath, parseKeySet, publishKeys } from '@interlock/authority';
import { linesOf, replayExport, verifyExport } from '@interlock/evidence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';
import { HeadStandIn } from './head.stand-in.js';

let gateway: GatewayUnderTest;
let signer: HeadStandIn;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
  signer = await HeadStandIn.start(gateway.broker, gateway.directory);
});
afterAll(async () => {
  await signer.stop();
  await gateway.remove();
});

const ndjson = { headers: { accept: 'application/x-ndjson' } };
const exported = (runId: string) => gateway.request('GET', `/v1/runs/${runId}/events`, ndjson);
const keysOf = async () => parseKeySet((await gateway.json('GET', '/v1/keys')).body);

/** A run that has ended (`short`), or waits (`wait-for-go`). */
async function begin(workflow: 'short' | 'wait-for-go'): Promise<{ runId: string; lastSeq: number }> {
  const input = workflow === 'short' ? {} : { orderId: 'a' };
  const { body: run } = await gateway.json('POST', '/v1/runs?wait=30s', { workflow, input });
  const settled = async () => (await gateway.json('GET', `/v1/runs/${run.runId}`)).body;
  if (workflow === 'short') await gateway.until(async () => (await settled()).status === 'completed');
  return settled();
}

async function verified(runId: string) {
  const response = await exported(runId);
  return verifyExport(linesOf(response.body!), await keysOf());
}

test('an export is signed, and everybody can check it with the published keys', async () => {
  const { runId, lastSeq } = await begin('short');
  const verdict = await verified(runId);
  expect(verdict).toMatchObject({ ok: true, events: lastSeq, runId, head: { seq: lastSeq } });
  expect(verdict.head?.keyId).toBe((await gateway.json('GET', '/v1/keys')).body.current);
});

test('a run that still goes on has a signed head as of now', async () => {
  const { runId, lastSeq } = await begin('wait-for-go');
  expect(await verified(runId)).toMatchObject({ ok: true, events: lastSeq });
});

test('a part cannot be asked for: an export is whole whatever the limit', async () => {
  const { runId, lastSeq } = await begin('short');
  const part = await gateway.request('GET', `/v1/runs/${runId}/events?limit=1&cursor=1`, ndjson);
  expect(await verifyExport(linesOf(part.body!), await keysOf())).toMatchObject({
    ok: true,
    events: lastSeq,
  });
});

test('today’s fold replays an export, and arrives at the state that the gateway tells', async () => {
  const { runId, lastSeq } = await begin('short');
  const { replay } = await replayExport(linesOf((await exported(runId)).body!));
  expect(replay).toMatchObject({ result: 'agrees', events: lastSeq });
  const { body: state } = await gateway.json('GET', `/v1/runs/${runId}/state`);
  expect(state).toMatchObject({ seq: lastSeq, hash: replay.stateHash });
});

test('the published keys hold nothing that signs, and the file is its owner’s alone', async () => {
  const { status, body } = await gateway.json('GET', '/v1/keys');
  expect(status).toBe(200);
  expect(body.keys).toEqual([
    { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: body.current, alg: 'EdDSA', use: 'sig' },
  ]);
  const directory = join(gateway.directory, 'keys');
  expect(readdirSync(directory)).toContain('evidence.json');
  expect(statSync(evidenceKeyPath(join(gateway.directory, 'keys'))).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect((await gateway.json('GET', '/v1/keys?all=1')).status).toBe(400);
});

test('after a rotation new exports are signed with the new key, and old ones can still be checked', async () => {
  const { runId } = await begin('short');
  const before = await (await exported(runId)).text();
  const { keyId } = signer.keys.rotate();
  publishKeys(join(gateway.directory, 'keys'), signer.keys);
  const later = await begin('short');
  expect((await verified(later.runId)).head?.keyId).toBe(keyId);
  const old = await verifyExport(linesOf(new Response(before).body!), await keysOf());
  expect(old).toMatchObject({ ok: true });
  expect(old.head?.keyId).not.toBe(keyId);
});

test('a cache that names the records of another run makes no export, and what is asked for is said to be gone', async () => {
  const [{ runId }, other] = [await begin('short'), await begin('short')];
  await exported(runId);
  await exported(other.runId);
  const [file] = readdirSync(join(gateway.directory, 'gateway')).filter((name) => name.endsWith('.sqlite'));
  const cache = new DatabaseSync(join(gateway.directory, 'gateway', file!));
  const others = cache.prepare('SELECT packed FROM places WHERE run = ?').get(other.runId);
  cache.prepare('UPDATE places SET packed = ? WHERE run = ?').run(others!.packed!, runId);
  cache.close();
  for (const accept of ['application/x-ndjson', 'application/json', 'text/event-stream']) {
    const response = await gateway.request('GET', `/v1/runs/${runId}/events`, { headers: { accept } });
    expect([response.status, await response.json()]).toEqual([
      410,
      expect.objectContaining({ code: 'gone', detail: expect.stringContaining('another record stands at') }),
    ]);
  }
  expect((await gateway.json('GET', `/v1/runs/${runId}`)).status).toBe(200);
});
