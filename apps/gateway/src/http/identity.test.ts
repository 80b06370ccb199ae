import { expect, test } from 'vitest';
import { identify, requireRole } from './identity.js';

const ada = { sub: 'ada', roles: ['lead'] };
const tokens = { verify: async (token: string) => ({ ...ada, sub: token }) };

test.each([
  ['without a token', undefined],
  ['with another scheme', 'Basic YTpi'],
  ['with an empty token', 'Bearer '],
  ['with two tokens', 'Bearer a b'],
])('nobody is let in %s', async (_how, authorization) => {
  await expect(identify(tokens, authorization)).rejects.toMatchObject({ kind: 'no-identity', status: 401 });
});

test('whoever sends a token is who the token says', async () => {
  expect(await identify(tokens, 'bearer t0ken')).toEqual({ by: { ...ada, sub: 't0ken' }, token: 't0ken' });
});

test('a role that is missing is not allowed', () => {
  expect(() => requireRole({ sub: 'ada', roles: ['operator'] }, 'admin')).toThrow(
    expect.objectContaining({ status: 403 }),
  );
});
