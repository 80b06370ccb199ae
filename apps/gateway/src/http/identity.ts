import type { Identity } from '@interlock/contracts';
import { Problem } from './problem.js';

const loopback = /^(127\.|::1$|::ffff:127\.)/;

/** Who may call without a token in development: whoever sits at this machine. */
const local: Identity = { sub: 'local', roles: ['operator', 'admin'] };

const loopbackName = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i;

export interface Caller {
  readonly authorization: string | undefined;
  /** The name the caller used for this server. */
  readonly host: string | undefined;
  readonly remoteAddress: string;
}

/**
 * Who calls. Without a token only this machine may, and only by a name of this machine: a web page that has its own
 * name point here is not somebody who sits here.
 * @throws {Problem} no-identity
 */
export function identify(mode: 'development' | 'production', caller: Caller): Identity {
  if (caller.authorization !== undefined) {
    throw new Problem(
      'no-identity',
      'Tokens come with the next release. Call from this machine without an Authorization header.',
    );
  }
  const isHere = loopback.test(caller.remoteAddress) && loopbackName.test(caller.host ?? '');
  if (mode === 'development' && isHere) return local;
  throw new Problem(
    'no-identity',
    'Without a token only development mode serves, only this machine, and only as localhost or 127.0.0.1.',
  );
}

/** @throws {Problem} not-allowed */
export function requireRole(identity: Identity, role: string): void {
  if (!identity.roles.includes(role)) throw new Problem('not-allowed', `This needs the role ${role}.`);
}
