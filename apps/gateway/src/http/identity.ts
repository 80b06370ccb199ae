import type { Identity } from '@interlock/contracts';
import { Problem } from './problem.js';

const loopback = /^(127\.|::1$|::ffff:127\.)/;

/** Who may call without a token in development: whoever sits at this machine. */
const local: Identity = { sub: 'local', roles: ['operator', 'admin'] };

/** @throws {Problem} no-identity */
export function identify(
  mode: 'development' | 'production',
  authorization: string | undefined,
  remoteAddress: string,
): Identity {
  if (authorization !== undefined) {
    throw new Problem(
      'no-identity',
      'Tokens come with the next release. Call from this machine without an Authorization header.',
    );
  }
  if (mode === 'development' && loopback.test(remoteAddress)) return local;
  throw new Problem(
    'no-identity',
    'Only development mode knows callers without a token, and only on this machine.',
  );
}

/** @throws {Problem} not-allowed */
export function requireRole(identity: Identity, role: string): void {
  if (!identity.roles.includes(role)) throw new Problem('not-allowed', `This needs the role ${role}.`);
}
