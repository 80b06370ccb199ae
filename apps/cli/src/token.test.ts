import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFile, tokenKeyPath } from '@interlock/authority';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from './program.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-token-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function cli(line: string, environment: Record<string, string> = {}) {
  let out = '';
  let error = '';
  const code = await runCli(line.split(' '), {
    environment: { INTERLOCK_DATA_DIR: directory, ...environment },
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

test('prints a token and nothing else, signed with the key of the data directory', async () => {
  const { code, out } = await cli('token --sub alice --role lead --role finance --tenant t1 --ttl PT1H');
  expect(code).toBe(0);
  const { publicKey, keyId } = KeyFile.open(tokenKeyPath(join(directory, 'keys'))).current;
  const { payload, protectedHeader } = await jwtVerify(out.trim(), publicKey);
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: keyId });
  expect(payload).toMatchObject({
    iss: 'interlock',
    aud: 'interlock',
    sub: 'alice',
    roles: ['lead', 'finance'],
    tenant: 't1',
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
});

test('with --json says what is in it', async () => {
  const { out } = await cli('token --sub bo --json --audience other', { INTERLOCK_JWT_ISSUER: 'me' });
  expect(JSON.parse(out)).toMatchObject({
    token: expect.stringMatching(/^ey/),
    claims: { sub: 'bo', roles: [], aud: 'other', iss: 'me' },
  });
});

test.each([
  ['token', /--sub/],
  ['token --sub bo --ttl soon', /--ttl/],
  ['token --sub bo --ttl PT25H', /--ttl/],
  ['token --sub b\u034fo', /--sub.*cannot be seen/],
])('%s is wrong usage', async (line, words) => {
  const { code, error, out } = await cli(line);
  expect([code, out]).toEqual([2, '']);
  expect(error).toMatch(words);
});

test('is refused in production, and with a key that others can read', async () => {
  expect((await cli('token --sub bo', { INTERLOCK_MODE: 'production' })).code).toBe(2);
  await cli('token --sub bo');
  chmodSync(tokenKeyPath(join(directory, 'keys')), 0o644);
  const { code, error, out } = await cli('token --sub bo');
  expect([code, out]).toEqual([2, '']);
  expect(error).toContain('chmod 600');
});
