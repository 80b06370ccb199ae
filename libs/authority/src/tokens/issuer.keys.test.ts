import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyFile, tokenKeyPath } from '../keys/key-file.js';
import { AuthorityRefusedError, IssuerUnavailableError } from '../refusal.js';
import { issuerKeys } from './issuer.keys.js';
import { TokenVerifier } from './token.verifier.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-issuer-'));
  path = join(directory, 'jwks.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const ed = generateKeyPairSync('ed25519');
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const jwk = (key: KeyObject, kid: string): JWK => ({ ...(key.export({ format: 'jwk' }) as JWK), kid });

const token = (key: KeyObject, kid: string, alg = 'RS256'): Promise<string> =>
  new SignJWT({ iss: 'us', aud: 'interlock', sub: 'ada', roles: ['lead'] })
    .setProtectedHeader({ alg, kid })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key);

interface Source {
  readonly file?: string;
  readonly url?: string;
  readonly mode?: 'development' | 'production';
  readonly warnings?: unknown[];
}

const verifier = ({ file, url, mode = 'production', warnings = [] }: Source) => {
  const tokens = new TokenVerifier({
    issuer: 'us',
    audience: 'interlock',
    lifeMaxS: 60,
    keys: issuerKeys(
      {
        INTERLOCK_MODE: mode,
        INTERLOCK_KEYS_DIR: directory,
        INTERLOCK_JWKS_FILE: file,
        INTERLOCK_JWKS_URL: url,
      },
      (facts) => warnings.push(facts),
    ),
  });
  return { verify: (signed: string) => tokens.verify(signed, { at: Date.now() }) };
};

describe('a file of keys', () => {
  const write = (keys: unknown) => writeFileSync(path, JSON.stringify(keys));

  test('gives both kinds of keys, and those for something else do not matter', async () => {
    write({ keys: [jwk(rsa.publicKey, 'r'), jwk(ed.publicKey, 'e'), jwk(curve.publicKey, 'c')] });
    const tokens = verifier({ file: path });
    expect(await tokens.verify(await token(rsa.privateKey, 'r'))).toMatchObject({
      sub: 'ada',
      roles: ['lead'],
    });
    expect((await tokens.verify(await token(ed.privateKey, 'e', 'EdDSA'))).sub).toBe('ada');
    const other = tokens.verify(await token(curve.privateKey, 'c', 'ES256'));
    await expect(other).rejects.toMatchObject({
      code: 'authority.token',
      message: expect.stringMatching(/algorithm/),
    });
  });

  test.each([
    ['is no list', { keys: 'many' }, /no list/],
    ['holds no objects', { keys: [1] }, /no list/],
    ['is empty', { keys: [] }, /no Ed25519 or RSA/],
    ['has only keys of another kind', { keys: [jwk(curve.publicKey, 'c')] }, /no Ed25519 or RSA/],
    ['holds a private key', { keys: [jwk(ed.privateKey, 'e')] }, /key e is a secret/],
    ['holds a shared secret', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, /key 0 is a secret/],
    ['holds a weak key', { keys: [jwk(weak.publicKey, 'w')] }, /key w has 1024 bits/],
    ['holds a broken key', { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] }, /key 0 cannot be read/],
  ])('that %s ends the start', (_what, keys, why) => {
    write(keys);
    expect(() => verifier({ file: path })).toThrow(why);
    expect(() => verifier({ file: path })).toThrow(/INTERLOCK_JWKS_FILE/);
  });

  test('that is missing or no JSON ends the start', () => {
    expect(() => verifier({ file: path })).toThrow(/INTERLOCK_JWKS_FILE.*ENOENT/s);
    writeFileSync(path, 'keys');
    expect(() => verifier({ file: path })).toThrow(/INTERLOCK_JWKS_FILE.*JSON/s);
  });
});

describe('an issuer', () => {
  let issuer: Server;
  let url: string;
  let asked: number;
  let answer: RequestListener;
  beforeEach(async () => {
    asked = 0;
    issuer = createServer((request, response) => {
      asked++;
      answer(request, response);
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
  });
  afterEach(() => {
    issuer.closeAllConnections();
    return new Promise((resolve) => issuer.close(resolve));
  });

  const gives = (keys: JWK[]): void => {
    answer = (_request, response) => void response.end(JSON.stringify({ keys }));
  };

  test('is asked once for the keys of many tokens, and not again for one that nobody knows', async () => {
    gives([jwk(rsa.publicKey, 'r')]);
    const tokens = verifier({ url });
    const good = await token(rsa.privateKey, 'r');
    await Promise.all(Array.from({ length: 20 }, () => tokens.verify(good)));
    const stranger = await token(ed.privateKey, 'stranger', 'EdDSA');
    for (let count = 0; count < 5; count++) {
      await expect(tokens.verify(stranger)).rejects.toBeInstanceOf(AuthorityRefusedError);
    }
    expect(asked).toBe(1);
  });

  test('is asked for what the file does not know', async () => {
    writeFileSync(path, JSON.stringify({ keys: [jwk(ed.publicKey, 'e')] }));
    gives([jwk(rsa.publicKey, 'r')]);
    const tokens = verifier({ file: path, url });
    await tokens.verify(await token(ed.privateKey, 'e', 'EdDSA'));
    expect(asked).toBe(0);
    await tokens.verify(await token(rsa.privateKey, 'r'));
    expect(asked).toBe(1);
  });

  const failures: readonly (readonly [what: string, answer: RequestListener])[] = [
    ['answers 500', (_request, response) => void response.writeHead(500).end('oh')],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['answers with something else', (_request, response) => void response.end('<html>')],
    ['answers with no key set', (_request, response) => void response.end('{"keys":1}')],
    [
      'answers without an end in sight',
      (_request, response) => void response.end(randomBytes(400_000).toString('hex')),
    ],
    ['hangs up', (request) => void request.socket.destroy()],
  ];

  test.each(failures)(
    'that %s: nobody is let in, and nobody is told they are a stranger',
    async (_what, how) => {
      answer = how;
      const refusal = verifier({ url }).verify(await token(rsa.privateKey, 'r'));
      await expect(refusal).rejects.toBeInstanceOf(IssuerUnavailableError);
    },
  );

  test('that fails is left alone for a moment, and the log says why', async () => {
    answer = (_request, response) => void response.writeHead(503).end();
    const warnings: unknown[] = [];
    const tokens = verifier({ url, warnings });
    const good = await token(rsa.privateKey, 'r');
    for (let count = 0; count < 10; count++) {
      await expect(tokens.verify(good)).rejects.toBeInstanceOf(IssuerUnavailableError);
    }
    expect([asked, warnings]).toEqual([
      1,
      [{ err: expect.objectContaining({ message: expect.stringMatching(/answers 503/) }) }],
    ]);
  });

  test('with a key that is too weak: it opens nothing', async () => {
    gives([jwk(weak.publicKey, 'w')]);
    const signed = await token(rsa.privateKey, 'w');
    await expect(verifier({ url }).verify(signed)).rejects.toMatchObject({
      code: 'authority.token',
      message: expect.stringMatching(/cannot be used/),
    });
  });

  test('with several keys: a token that names none is nobody’s', async () => {
    gives([
      jwk(rsa.publicKey, 'r'),
      jwk(generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey, 's'),
    ]);
    const unnamed = await new SignJWT({ iss: 'us', aud: 'interlock', sub: 'ada', roles: [] })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(rsa.privateKey);
    await expect(verifier({ url }).verify(unnamed)).rejects.toMatchObject({
      code: 'authority.token',
      message: expect.stringMatching(/kid/),
    });
  });
});

test('production has no keys of its own', () => {
  expect(() => verifier({})).toThrow(/INTERLOCK_JWKS_URL: production needs/);
});

test('a development key that others can read ends the start', () => {
  KeyFile.open(tokenKeyPath(directory));
  chmodSync(tokenKeyPath(directory), 0o644);
  expect(() => verifier({ mode: 'development' })).toThrow(/INTERLOCK_KEYS_DIR.*chmod 600/s);
});
