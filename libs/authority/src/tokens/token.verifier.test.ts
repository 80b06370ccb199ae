import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, type JWK, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { TokenVerifier } from './token.verifier.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const jwk = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'k' };
const AT = 1_000_000_000_000;
const LIFE_S = 600;
const THUMBPRINT = 'A'.repeat(43);

const tokenOf = (claims: Record<string, unknown> = {}) =>
  new SignJWT({
    iss: 'us',
    aud: 'interlock',
    sub: 'ada',
    roles: ['lead', 'lead'],
    iat: AT / 1_000 - LIFE_S,
    exp: AT / 1_000,
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
    .sign(privateKey);

function verifier() {
  let asked = 0;
  const keys = createLocalJWKSet({ keys: [jwk] });
  const tokens = new TokenVerifier({
    issuer: 'us',
    audience: 'interlock',
    lifeMaxS: LIFE_S,
    keys: (header, token) => {
      asked += 1;
      return keys(header, token);
    },
  });
  return { tokens, asked: () => asked };
}

test('a token tells who speaks, and what proves it', async () => {
  const token = await tokenOf({ tenant: 'north', cnf: { jkt: THUMBPRINT } });
  expect(await verifier().tokens.verify(token, { at: AT })).toEqual({
    sub: 'ada',
    roles: ['lead'],
    tenant: 'north',
    authority: {
      issuer: 'us',
      tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      expiresAt: AT,
      jkt: THUMBPRINT,
    },
  });
});

test('it counts at the instant it is judged at, not at the one at which that is done', async () => {
  const { tokens } = verifier();
  const token = await tokenOf({ nbf: AT / 1_000 - 60 });
  await tokens.verify(token, { at: AT });
  await tokens.verify(token, { at: AT + 5_000 });
  await expect(tokens.verify(token, { at: AT + 6_000 })).rejects.toMatchObject({ code: 'authority.expired' });
  await tokens.verify(token, { at: AT + 6_000, graceS: 10 });
  await expect(tokens.verify(token, { at: AT - 66_000 })).rejects.toThrow(/nbf/);
});

test('the signature of one token is checked once, its time always', async () => {
  const { tokens, asked } = verifier();
  const token = await tokenOf();
  for (let count = 0; count < 50; count++) await tokens.verify(token, { at: AT });
  expect(asked()).toBe(1);
  await expect(tokens.verify(token, { at: AT + 60_000 })).rejects.toMatchObject({
    code: 'authority.expired',
  });
});

test('a thumbprint that is none is refused', async () => {
  const token = await tokenOf({ cnf: { jkt: 'short' } });
  await expect(verifier().tokens.verify(token, { at: AT })).rejects.toThrow(/cnf\.jkt/);
});

test.each(['module:desk', 'Module:desk', '\uff4dodule:desk', 'MODULE:desk'])(
  '%s is the name of a module, and no person’s',
  async (sub) => {
    const token = await tokenOf({ sub });
    await expect(verifier().tokens.verify(token, { at: AT })).rejects.toThrow(/module/);
  },
);
