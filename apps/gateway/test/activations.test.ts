import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
let version = 0;

beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

/** Publishes a bundle that no other one equals. */
async function published(): Promise<string> {
  version += 1;
  const text = `permit(principal, action, resource) when { ${version} > 0 };`;
  const bundle = { kind: 'policy', name: 'main', version, document: { policies: [{ id: 'all', text }] } };
  const { status, body } = await gateway.json('POST', '/v1/artifacts', bundle);
  expect(status).toBe(201);
  return body.hash;
}

const activate = (hash: unknown, more: object = {}) =>
  gateway.json('POST', '/v1/policy/activations', { hash, reason: 'tested', ...more });
const active = () => gateway.json('GET', '/v1/policy/active');

test('before the first activation no bundle is in force, and the answer says what to do', async () => {
  const { status, body } = await active();
  expect([status, body.detail]).toEqual([404, expect.stringContaining('/v1/policy/activations')]);
});

test('a published bundle is in force once it is activated, and the record says by whom', async () => {
  const hash = await published();
  const answer = await activate(hash);
  expect(answer).toMatchObject({ status: 202, body: { hash, status: 'active', needed: 1 } });
  const { activationId, approvedBy } = answer.body;
  expect((await active()).body).toMatchObject({
    hash,
    version,
    activationId,
    approvedBy,
    because: 'development',
  });
  const { body } = await gateway.json('GET', '/v1/policy/activations');
  expect(body.items[0]).toMatchObject({ activationId, status: 'active', reason: 'tested' });
});

describe('an activation', () => {
  test('of what nobody has published is 404', async () => {
    const hash = createHash('sha256').update('nothing').digest('hex');
    expect((await activate(hash)).status).toBe(404);
  });

  test('of a workflow is 404 too', async () => {
    const { body } = await gateway.json('GET', '/v1/artifacts?kind=workflow');
    expect((await activate(body.items[0].hash)).status).toBe(404);
  });

  test('of the bundle in force is 409', async () => {
    const hash = await published();
    await activate(hash);
    expect((await activate(hash)).status).toBe(409);
  });

  test('that is repeated under its id is answered as it stands, and nothing else happens under that id', async () => {
    const [hash, other] = [await published(), await published()];
    const first = await activate(hash, { commandId: 'one' });
    expect((await activate(hash, { commandId: 'one' })).body).toEqual(first.body);
    expect((await activate(other, { commandId: 'one' })).status).toBe(409);
    expect((await active()).body.hash).toBe(hash);
  });

  test.each<[string, object]>([
    ['without a reason', { hash: 'a'.repeat(64) }],
    ['of half a hash', { hash: 'abc', reason: 'x' }],
    ['with an unknown field', { hash: 'a'.repeat(64), reason: 'x', force: true }],
  ])('%s is 400', async (_name, body) => {
    expect((await gateway.json('POST', '/v1/policy/activations', body)).status).toBe(400);
  });
});

describe('a vote', () => {
  test('on what nobody has asked for is 404', async () => {
    const body = { vote: 'approve', hash: 'a'.repeat(64), reason: 'x' };
    for (const id of ['f'.repeat(24), 'x'])
      expect((await gateway.json('POST', `/v1/policy/activations/${id}/votes`, body)).status).toBe(404);
  });

  test('on what is settled, or about another bundle, is 409', async () => {
    const hash = await published();
    const { body } = await activate(hash);
    const path = `/v1/policy/activations/${body.activationId}/votes`;
    const vote = (named: string) =>
      gateway.json('POST', path, { vote: 'approve', hash: named, reason: 'seen' });
    const [settled, other] = [await vote(hash), await vote('b'.repeat(64))];
    expect([settled.status, other.status]).toEqual([409, 409]);
    expect(other.body.detail).toContain('another bundle');
  });
});
