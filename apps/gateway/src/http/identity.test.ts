import { expect, test } from 'vitest';
import { identify, requireRole } from './identity.js';

const here = {
  authorization: undefined,
  host: '127.0.0.1:7400',
  remoteAddress: '127.0.0.1',
  isForwarded: false,
};
const ada = { sub: 'ada', roles: ['lead'] };
const rules = (mode: 'development' | 'production') => ({
  mode,
  tokens: { verify: async (token: string) => ({ ...ada, sub: token }) },
});

test.each([
  ['127.0.0.1:7400', '127.0.0.1'],
  ['localhost', '::1'],
  ['[::1]:7400', '::ffff:127.0.0.1'],
])('in development whoever sits at this machine is local: %s', async (host, remoteAddress) => {
  const { sub, roles } = await identify(rules('development'), { ...here, host, remoteAddress });
  expect([sub, roles]).toEqual(['local', ['operator', 'admin']]);
});

test.each([
  ['in production', 'production', here],
  ['from another machine', 'development', { ...here, remoteAddress: '10.0.0.7' }],
  ['by a foreign name that points here', 'development', { ...here, host: 'evil.example:7400' }],
  ['through a proxy on this machine', 'development', { ...here, isForwarded: true }],
  ['without a name', 'development', { ...here, host: undefined }],
  ['with another scheme', 'development', { ...here, authorization: 'Basic YTpi' }],
  ['with an empty token', 'development', { ...here, authorization: 'Bearer ' }],
] as const)('nobody is let in %s', async (_how, mode, caller) => {
  await expect(identify(rules(mode), caller)).rejects.toMatchObject({ kind: 'no-identity', status: 401 });
});

test('whoever sends a token is who the token says, wherever they are', async () => {
  const caller = {
    authorization: 'bearer t0ken',
    host: 'interlock.example',
    remoteAddress: '10.0.0.7',
    isForwarded: true,
  };
  expect(await identify(rules('production'), caller)).toEqual({ ...ada, sub: 't0ken' });
});

test('a role that is missing is not allowed', () => {
  expect(() => requireRole({ sub: 'ada', roles: ['operator'] }, 'admin')).toThrow(
    expect.objectContaining({ status: 403 }),
  );
});
