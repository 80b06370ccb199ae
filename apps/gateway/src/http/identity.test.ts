import { expect, test } from 'vitest';
import { identify, requireRole } from './identity.js';

const here = { authorization: undefined, host: '127.0.0.1:7400', remoteAddress: '127.0.0.1' };

test.each([
  ['127.0.0.1:7400', '127.0.0.1'],
  ['localhost', '::1'],
  ['[::1]:7400', '::ffff:127.0.0.1'],
])('in development whoever sits at this machine is local: %s', (host, remoteAddress) => {
  expect(identify('development', { ...here, host, remoteAddress }).sub).toBe('local');
});

test.each([
  ['in production', 'production', here],
  ['from another machine', 'development', { ...here, remoteAddress: '10.0.0.7' }],
  ['by a foreign name that points here', 'development', { ...here, host: 'evil.example:7400' }],
  ['without a name', 'development', { ...here, host: undefined }],
  ['with a token, until tokens are known', 'development', { ...here, authorization: 'Bearer x' }],
] as const)('nobody is let in %s', (_how, mode, caller) => {
  expect(() => identify(mode, caller)).toThrow(expect.objectContaining({ kind: 'no-identity', status: 401 }));
});

test('a role that is missing is not allowed', () => {
  expect(() => requireRole({ sub: 'ada', roles: ['operator'] }, 'admin')).toThrow(
    expect.objectContaining({ status: 403 }),
  );
});
