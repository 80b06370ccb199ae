import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkProof, clientKeyPath, issuerKeys, openClientKey, TokenVerifier } from '@interlock/authority';
import { decodeJwt } from 'jose';
import Provider from 'oidc-provider';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from './program.js';
import { TestServer } from './server.fixture.js';

const AUDIENCE = 'https://interlock.example';

let directory: string;
let server: Server;
let issuer: string;
/** Life of a token, s. */
let lifeS: number;

/** An OpenID Connect issuer where everybody is alice as soon as they come. */
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-login-'));
  lifeS = 600;
  server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'interlock-cli',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
      },
    ],
    features: {
      dPoP: { enabled: true },
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid offline_access',
          accessTokenFormat: 'jwt',
          accessTokenTTL: lifeS,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: () => ({ roles: ['lead'] }),
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId }),
    }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  });
  const callback = provider.callback();
  handle = async (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return callback(request, response);
    const { prompt, params, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: 'alice' } });
    const grant =
      (grantId && (await provider.Grant.find(grantId))) ||
      new provider.Grant({ accountId: 'alice', clientId: String(params.client_id) });
    grant.addOIDCScope('openid offline_access');
    grant.addResourceScope(AUDIENCE, 'openid offline_access');
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});
let handle: (...exchange: Parameters<ReturnType<Provider['callback']>>) => unknown;

/** Follows the issuer's redirects as a browser does. */
async function browse(address: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = address;
  for (;;) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    if (location === null) return response.text();
    next = new URL(location, next).href;
  }
}

async function cli(...line: readonly string[]) {
  let out = '';
  let error = '';
  const page: Promise<string>[] = [];
  const code = await runCli(line, {
    environment: {
      INTERLOCK_KEYS_DIR: directory,
      INTERLOCK_MODE: 'production',
      INTERLOCK_JWT_AUDIENCE: AUDIENCE,
    },
    out(text) {
      out += text;
      const [address] = /http:\S+\/auth\?\S+/.exec(text) ?? [];
      if (address !== undefined) page.push(browse(address));
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error, page: (await Promise.all(page)).join('') };
}

const sessionIn = () => JSON.parse(readFileSync(join(directory, 'login.json'), 'utf8'));

test('who logs in holds a token that is bound to the key of their machine, and signs commands with it', async () => {
  const { code, out, page } = await cli('login', '--issuer', issuer);
  expect([code, page]).toEqual([0, expect.stringMatching(/close this window/)]);
  expect(out).toContain('You are alice.');
  const key = await openClientKey(clientKeyPath(directory));
  const { token } = sessionIn();
  expect(decodeJwt(token)).toMatchObject({
    sub: 'alice',
    roles: ['lead'],
    aud: AUDIENCE,
    cnf: { jkt: key.thumbprint },
  });
  for (const name of ['login.json', 'client.json'])
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);

  const gateway = new TestServer();
  await gateway.start();
  const keys = issuerKeys(
    { INTERLOCK_MODE: 'production', INTERLOCK_KEYS_DIR: directory, INTERLOCK_JWKS_URL: `${issuer}/jwks` },
    () => undefined,
  );
  const tokens = new TokenVerifier({ keys, issuer, audience: AUDIENCE, lifeMaxS: 900 });
  const by = await tokens.verify(token, { at: Date.now() });
  await cli('run', 'pause', 'run-7', '--reason', 'wait', '--url', gateway.url);
  const [asked] = gateway.asked;
  const { commandId, ...body } = (asked?.body ?? {}) as { commandId: string };
  const request = { method: 'POST', path: '/v1/runs/run-7/commands', body };
  await checkProof(String(asked?.headers['interlock-proof']), { commandId, by, request });
  gateway.stop();
});

test('a token that has expired is renewed, and one that cannot be is said to be', async () => {
  lifeS = 5; // Renewed before it can expire on its way, so at once.
  await cli('login', '--issuer', issuer);
  const before = sessionIn().token;
  const gateway = new TestServer();
  await gateway.start();
  await cli('run', 'list', '--url', gateway.url);
  expect(gateway.asked[0]?.headers.authorization).toBe(`Bearer ${sessionIn().token}`);
  expect(sessionIn().token).not.toBe(before);
  gateway.stop();
});

test('the token goes nowhere it could be read, and logout forgets it', async () => {
  await cli('login', '--issuer', issuer);
  const elsewhere = await cli('run', 'list', '--url', 'http://interlock.example');
  expect([elsewhere.code, elsewhere.error]).toEqual([2, expect.stringMatching(/https/)]);
  expect((await cli('logout')).code).toBe(0);
  expect(() => sessionIn()).toThrow(/ENOENT/);
});

test.each([
  ['is not named', undefined, 2, /--issuer/],
  ['does not answer', async () => 'http://127.0.0.1:1', 3, /does not answer.*\n.*repeat the command/],
  ['answers that it cannot', () => answering(503), 3, /does not answer: status 503/],
  ['is no issuer', () => answering(404), 2, /does not answer as an issuer/],
])('an issuer that %s ends the login with what to do', async (_what, address, exit, words) => {
  const { code, error } = await cli('login', ...(address ? ['--issuer', await address()] : []));
  expect([code, error]).toEqual([exit, expect.stringMatching(words)]);
});

test('a login that has expired and cannot be renewed, because the issuer is away, could not be reached', async () => {
  lifeS = 5;
  await cli('login', '--issuer', issuer);
  handle = (_request, response) => response.writeHead(503).end();
  const { code, error } = await cli('run', 'list', '--url', 'http://127.0.0.1:9');
  expect([code, error]).toEqual([3, expect.stringMatching(/does not answer: status 503/)]);
});

/** The issuer's address, where every request is answered with `status`. */
async function answering(status: number): Promise<string> {
  handle = (_request, response) => response.writeHead(status).end();
  return issuer;
}
