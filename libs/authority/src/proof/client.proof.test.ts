import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, type JWK } from 'jose';
import { expect, test } from 'vitest';
import type { ClientKey } from './client.key.js';
import { checkProof, type ProvenCommand, signCommand } from './client.proof.js';
import { requestOf } from './client.request.js';

const publicOf = (key: KeyObject): JWK => key.export({ format: 'jwk' }) as JWK;

async function keyOf(
  pair: { publicKey: KeyObject; privateKey: KeyObject },
  algorithm: ClientKey['algorithm'],
) {
  const publicJwk = publicOf(pair.publicKey);
  return {
    privateKey: pair.privateKey,
    publicJwk,
    algorithm,
    thumbprint: await calculateJwkThumbprint(publicJwk),
  } satisfies ClientKey;
}

const ed = await keyOf(generateKeyPairSync('ed25519'), 'EdDSA');
const ec = await keyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256');
const stranger = await keyOf(generateKeyPairSync('ed25519'), 'EdDSA');

const vote = {
  type: 'approval.vote',
  data: {
    commandId: 'c-1',
    approvalId: 'r-1.7',
    runId: 'r-1',
    by: { sub: 'alice', roles: ['lead'] },
    issuedAt: 1,
    vote: 'approve',
    reason: 'checked',
  },
};
const command = (changed: Partial<typeof vote.data> = {}): ProvenCommand => {
  const data = { ...vote.data, ...changed };
  const request = requestOf({ type: vote.type, data });
  if (request === undefined) throw new Error('votes are signed');
  return { commandId: data.commandId, by: data.by, request, tokenHash: 'h' };
};
const boundTo = ({ thumbprint: jkt }: ClientKey, proven = command()) => ({
  ...proven,
  by: { ...proven.by, authority: { issuer: 'us', tokenHash: proven.tokenHash, expiresAt: 2, jkt } },
});

test.each([
  ['Ed25519', ed],
  ['P-256', ec],
])('a command signed with the %s key that the token names is proven', async (_what, key) => {
  await checkProof(await signCommand(command(), key), boundTo(key));
});

test('the signature names the path and covers the body whatever the order of its fields', async () => {
  expect(command().request).toEqual({
    method: 'POST',
    path: '/v1/approvals/r-1.7/votes',
    body: { vote: 'approve', reason: 'checked' },
  });
  const { request, ...rest } = command();
  const turned = { ...request, body: { reason: 'checked', vote: 'approve' } };
  await checkProof(await signCommand({ ...rest, request: turned }, ed), boundTo(ed));
});

test.each([
  ['commandId', command({ commandId: 'c-2' })],
  ['sub', command({ by: { sub: 'bob', roles: ['lead'] } })],
  ['tenant', { ...command(), by: { sub: 'alice', tenant: 'north' } }],
  ['path', command({ approvalId: 'r-1.8' })],
  ['bodyHash', command({ vote: 'deny' })],
  ['bodyHash', command({ reason: 'checked ' })],
  ['tokenHash', { ...command(), tokenHash: 'of a token she got later' }],
])('a signature over another %s proves nothing', async (what, meant) => {
  const proof = await signCommand(command(), ed);
  await expect(checkProof(proof, boundTo(ed, meant))).rejects.toMatchObject({
    code: 'authority.proof',
    message: expect.stringContaining(what),
  });
});

test('a signature with another key than the token names proves nothing, and neither does any for a token without a key', async () => {
  await expect(checkProof(await signCommand(command(), stranger), boundTo(ed))).rejects.toThrow(
    /another key/,
  );
  await expect(checkProof(await signCommand(command(), ed), command())).rejects.toThrow(/cnf\.jkt/);
});

const text = Buffer.from('{}');
const sign = (header: Record<string, unknown>, key = ed) =>
  new CompactSign(text).setProtectedHeader({ alg: key.algorithm, ...header }).sign(key.privateKey);

test.each<[string, () => Promise<string> | string]>([
  ['is no JWS', () => 'proof'],
  ['is empty', () => ''],
  ['is endless', () => 'a'.repeat(5_000)],
  ['names another type', () => sign({ typ: 'dpop+jwt', jwk: ed.publicJwk })],
  ['carries no key', () => sign({ typ: 'interlock-proof+jws' })],
  ['carries a private key', () => sign({ typ: 'interlock-proof+jws', jwk: publicOf(ed.privateKey) })],
  [
    'carries another key than signed',
    () => sign({ typ: 'interlock-proof+jws', jwk: ed.publicJwk }, stranger),
  ],
  ['signs no command', () => sign({ typ: 'interlock-proof+jws', jwk: ed.publicJwk })],
  [
    'needs no signature',
    () =>
      `${Buffer.from(JSON.stringify({ alg: 'none', typ: 'interlock-proof+jws', jwk: ed.publicJwk })).toString('base64url')}.e30.`,
  ],
])('a proof that %s is refused', async (_what, make) => {
  await expect(checkProof(await make(), boundTo(ed))).rejects.toMatchObject({ code: 'authority.proof' });
});

test.each([
  ['run.cancel', { runId: 'r:1', reason: 'no', rollback: false }, '/v1/runs/r%3A1/commands'],
  ['artifact.publish', { kind: 'tool', name: 't', version: 1, document: {} }, '/v1/artifacts'],
])('%s is signed as it is asked for', (type, fields, path) => {
  const data = { ...fields, commandId: 'c', by: { sub: 'a', roles: [] }, issuedAt: 1 };
  expect(requestOf({ type, data })).toMatchObject({ method: 'POST', path });
  expect(JSON.stringify(requestOf({ type, data })?.body)).not.toMatch(/commandId|issuedAt|"by"/);
});

test('starts are not signed: their token alone proves them', () => {
  expect(requestOf({ type: 'run.start', data: {} })).toBeUndefined();
});

test('a bulk order is signed as it was sent: the runs that were found are not of its request', () => {
  const data = {
    commandId: 'c',
    by: { sub: 'olga', roles: [] },
    issuedAt: 1,
    bulkId: 'b',
    filter: 'run.status == "waiting"',
    reason: 'closed',
    command: { wire: 'run.cancel/1', fields: { rollback: true } },
    runs: [{ runId: 'run-1' }],
  };
  expect(requestOf({ type: 'bulk.order', data })).toEqual({
    method: 'POST',
    path: '/v1/bulk',
    body: {
      filter: 'run.status == "waiting"',
      command: { type: 'cancel', rollback: true },
      reason: 'closed',
      dryRun: false,
    },
  });
});
