import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFile, tokenKeyPath } from '@interlock/authority';
import { exportJWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
let keys: KeyFile;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
  keys = KeyFile.open(tokenKeyPath(join(gateway.directory, 'keys')));
});
afterAll(() => gateway.remove());

interface Token {
  readonly claims?: Record<string, unknown>;
  readonly without?: readonly string[];
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: KeyObject;
  readonly lifeS?: number;
}

const nowS = (): number => Math.floor(Date.now() / 1_000);

/** A good token, but for what is asked for. */
function token({ claims, without = [], header, key, lifeS = 60 }: Token = {}): Promise<string> {
  const { keyId, privateKey } = keys.current;
  const iat = nowS() + Math.min(0, lifeS) - 1;
  const good = {
    iss: 'interlock',
    aud: 'interlock',
    sub: 'ada',
    roles: ['operator'],
    iat,
    exp: nowS() + lifeS,
  };
  const payload = Object.fromEntries(
    Object.entries({ ...good, ...claims }).filter(([name]) => !without.includes(name)),
  );
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', kid: keyId, ...header })
    .sign(key ?? privateKey);
}

const ask = async (bearer: string, url = gateway.url) => {
  const response = await fetch(`${url}/v1/runs?limit=1`, { headers: { authorization: `Bearer ${bearer}` } });
  return { status: response.status, body: (await response.json()) as { detail?: string } };
};

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token whose header is the attacker's choice. */
function handmade(header: object, sign: (input: string) => string): string {
  const claims = {
    iss: 'interlock',
    aud: 'interlock',
    sub: 'eve',
    roles: ['admin'],
    iat: nowS(),
    exp: nowS() + 60,
  };
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${sign(input)}`;
}

test('a good token is taken, until its key is rotated out of the file and beyond', async () => {
  const old = await token();
  expect((await ask(old)).status).toBe(200);
  keys.rotate();
  expect((await ask(old)).status).toBe(200);
  expect((await ask(await token())).status).toBe(200);
});

const hmacOf = (secret: Buffer | string) => (input: string) =>
  createHmac('sha256', secret).update(input).digest('base64url');
const publicPem = () => keys.current.publicKey.export({ format: 'pem', type: 'spki' });
const publicBytes = () => Buffer.from(keys.current.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');

const bad: readonly (readonly [what: string, why: RegExp, make: () => Promise<string> | string])[] = [
  ['for another audience', /claim aud/, () => token({ claims: { aud: 'another' } })],
  ['from another issuer', /claim iss/, () => token({ claims: { iss: 'another' } })],
  ['that has expired', /expired/, () => token({ lifeS: -60 })],
  ['that is not valid yet', /claim nbf/, () => token({ claims: { nbf: nowS() + 600 } })],
  ['without a subject', /claim sub/, () => token({ without: ['sub'] })],
  ['with an empty subject', /claim sub/, () => token({ claims: { sub: '' } })],
  ['whose subject ends with a blank', /claim sub/, () => token({ claims: { sub: 'ada ' } })],
  ['whose subject has a space nobody sees', /claim sub/, () => token({ claims: { sub: 'a\u200bda' } })],
  ['whose subject has a hard space', /claim sub/, () => token({ claims: { sub: 'ada\u00a0lee' } })],
  [
    'whose subject ends in the middle of a character',
    /claim sub/,
    () => token({ claims: { sub: 'ada\ud83d' } }),
  ],
  [
    'whose subject changes the direction of writing',
    /claim sub/,
    () => token({ claims: { sub: '\u202eada' } }),
  ],
  ['with a role nobody sees', /claim roles/, () => token({ claims: { roles: ['lead\u200b'] } })],
  ['of a tenant with a line break', /claim tenant/, () => token({ claims: { tenant: 'a\nb' } })],
  ['without roles', /claim roles/, () => token({ without: ['roles'] })],
  ['whose roles are a text', /claim roles/, () => token({ claims: { roles: 'admin' } })],
  ['that says it is something else', /at\+jwt/, () => token({ header: { typ: 'logout+jwt' } })],
  ['whose kind is no text', /at\+jwt|not a signed token/, () => token({ header: { typ: 7 as never } })],
  ['that is valid for more than a day', /86400 s/, () => token({ lifeS: 86_401 })],
  ['that does not say when it was issued', /claim iat/, () => token({ without: ['iat'] })],
  ['that was issued in the future', /claim iat/, () => token({ claims: { iat: nowS() + 30 } })],
  ['of the gateway', /claim sub/, () => token({ claims: { sub: 'gateway' } })],
  ['of nobody', /claim sub/, () => token({ claims: { sub: 'Anonymous' } })],
  ['of whoever sat at this machine once', /claim sub/, () => token({ claims: { sub: 'local' } })],
  ['of a service', /claim sub/, () => token({ claims: { sub: 'tool-executor' } })],
  ['that never expires', /claim exp/, () => token({ without: ['exp'] })],
  ['without an audience', /claim aud/, () => token({ without: ['aud'] })],
  ['without an issuer', /claim iss/, () => token({ without: ['iss'] })],
  [
    'signed with a key nobody knows',
    /key that this server does not know/,
    () => token({ key: generateKeyPairSync('ed25519').privateKey, header: { kid: 'stranger' } }),
  ],
  [
    'signed with another key under a known name',
    /signature/,
    () => token({ key: generateKeyPairSync('ed25519').privateKey }),
  ],
  ['with alg none', /algorithm|not a signed token/, () => handmade({ alg: 'none' }, () => '')],
  [
    'with HS256 over the public key',
    /algorithm/,
    () => handmade({ alg: 'HS256', kid: keys.current.keyId }, hmacOf(publicPem())),
  ],
  [
    'with HS256 over the bytes of the public key',
    /algorithm/,
    () => handmade({ alg: 'HS256', kid: keys.current.keyId }, hmacOf(publicBytes())),
  ],
  [
    'with RS256 in the name of an Ed25519 key',
    /key that this server does not know/,
    () =>
      token({
        header: { alg: 'RS256' },
        key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      }),
  ],
  [
    'that brings a key of its own',
    /key that this server does not know|signature/,
    async () => {
      const own = generateKeyPairSync('ed25519');
      const jwk = await exportJWK(own.publicKey);
      return token({ key: own.privateKey, header: { kid: keys.current.keyId, jwk } });
    },
  ],
  [
    'that says where its key is',
    /key that this server does not know/,
    () =>
      token({
        key: generateKeyPairSync('ed25519').privateKey,
        header: { kid: 'stranger', jku: `${gateway.url}/v1/keys` },
      }),
  ],
  [
    'with alg none in other letters',
    /algorithm|not a signed token/,
    () => handmade({ alg: 'nOnE' }, () => 'AA'),
  ],
  ['whose end is a text', /claim exp/, () => token({ claims: { exp: 'tomorrow' } })],
  ['whose tenant is no text', /claim tenant/, () => token({ claims: { tenant: 7 } })],
  ['whose roles are no texts', /claim roles/, () => token({ claims: { roles: [1] } })],
  ['whose subject is no text', /claim sub/, () => token({ claims: { sub: 7 } })],
  ['without a signature', /signature/, async () => (await token()).replace(/[^.]*$/, '')],
  ['that is garbage', /not a signed token/, () => 'abc.def.ghi'],
  ['that is far too long', /at most/, () => 'x'.repeat(9_000)],
  [
    'with a changed payload',
    /signature/,
    async () => {
      const [header, , signature] = (await token()).split('.');
      const claims = {
        iss: 'interlock',
        aud: 'interlock',
        sub: 'eve',
        roles: ['admin'],
        iat: nowS(),
        exp: nowS() + 60,
      };
      return `${header}.${base64url(claims)}.${signature}`;
    },
  ],
];

test.each(bad)('a token %s is nobody', async (_what, why, make) => {
  const { status, body } = await ask(await make());
  expect([status, body.detail]).toEqual([401, expect.stringMatching(why)]);
});

test.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt'])(
  'a token of type %s is taken',
  async (typ) => {
    expect((await ask(await token({ header: { typ } }))).status).toBe(200);
  },
);

test('production takes no token that is valid for more than 15 minutes', async () => {
  const { file, key, remove } = await issuerFile();
  const settings = {
    INTERLOCK_MODE: 'production',
    INTERLOCK_EMBEDDED_IN_PRODUCTION: 'yes',
    INTERLOCK_JWKS_FILE: file,
    INTERLOCK_JWT_ISSUER: 'issuer.example',
    INTERLOCK_JWT_AUDIENCE: 'interlock.example',
  };
  const claims = { iss: 'issuer.example', aud: 'interlock.example' };
  const of = (lifeS: number) => token({ claims, key, header: { alg: 'RS256', kid: 'issuer-1' }, lifeS });
  const production = await GatewayUnderTest.start({ settings, bearer: () => of(60), documents: [] });
  const answers = [await ask(await of(800), production.url), await ask(await of(901), production.url)];
  expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  await production.remove();
  remove();
});

test('what a token may not do is refused, and everything carries who asked', async () => {
  const as = async (roles: string[], method: string, path: string, body?: unknown) =>
    gateway.json(method, path, body, {
      authorization: `Bearer ${await token({ claims: { roles, sub: 'bo', tenant: 'north' } })}`,
    });
  const start = { workflow: 'wait-for-go', input: { orderId: 'o-1' } };
  expect((await as([], 'GET', '/v1/runs')).status).toBe(200);
  expect((await as([], 'POST', '/v1/runs', start)).status).toBe(403);
  expect((await as(['operator'], 'POST', '/v1/artifacts', {})).status).toBe(403);
  const { status, body } = await as(['operator', 'lead', 'lead'], 'POST', '/v1/runs', start);
  expect(status).toBe(202);
  await gateway.until(async () => (await as([], 'GET', `/v1/runs/${body.runId}`)).body.lastSeq > 0);
  const { body: events } = await as([], 'GET', `/v1/runs/${body.runId}/events`);
  expect(events.items[0].data.by).toMatchObject({ sub: 'bo', roles: ['operator', 'lead'], tenant: 'north' });
  const order = { type: 'cancel', reason: 'no' };
  expect((await as(['lead'], 'POST', `/v1/runs/${body.runId}/commands`, order)).status).toBe(403);
  expect((await as(['operator'], 'POST', `/v1/runs/${body.runId}/commands`, order)).status).toBe(202);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The keys of an issuer, in a file. */
async function issuerFile() {
  const directory = mkdtempSync(join(tmpdir(), 'interlock-jwks-'));
  const file = join(directory, 'jwks.json');
  const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'issuer-1', alg: 'RS256' };
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  return { file, key: rsa.privateKey, remove: () => rmSync(directory, { recursive: true }) };
}

describe('keys of an issuer', () => {
  const issued = () => token({ key: rsa.privateKey, header: { alg: 'RS256', kid: 'issuer-1' } });
  const keySet = async () => ({
    keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'issuer-1', alg: 'RS256' }],
  });

  test('in a file: RS256 is taken, and the development key is nobody’s then', async () => {
    const { file, remove } = await issuerFile();
    const other = await GatewayUnderTest.start({
      settings: { INTERLOCK_JWKS_FILE: file },
      bearer: issued,
      documents: [],
    });
    expect((await ask(await issued(), other.url)).status).toBe(200);
    expect((await ask(await token(), other.url)).status).toBe(401);
    await other.remove();
    remove();
  });

  test('at an address: asked for when needed; when it does not answer nobody is let in and nobody is refused', async () => {
    const issuer = createServer(
      (_request, response) => void keySet().then((set) => response.end(JSON.stringify(set))),
    );
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const { port } = issuer.address() as AddressInfo;
    const settings = { INTERLOCK_JWKS_URL: `http://127.0.0.1:${port}/keys` };
    const other = await GatewayUnderTest.start({ settings, bearer: issued, documents: [] });
    expect((await ask(await issued(), other.url)).status).toBe(200);
    await other.remove();
    await new Promise((resolve) => issuer.close(resolve));
    const alone = await GatewayUnderTest.start({ settings, bearer: issued, documents: [] });
    expect((await ask(await issued(), alone.url)).status).toBe(503);
    await alone.remove();
  });
});
