import { AuthorityRefusedError, type TokenVerifier } from '@interlock/authority';
import type { Identity } from '@interlock/contracts';
import { notReady, Problem } from './problem.js';

const loopback = /^(127\.|::1$|::ffff:127\.)/;

/**
 * Who may call without a token in development: whoever sits at this machine. Such a person may publish too, as whoever may change the
 * modules that are loaded may anyway, but has no role that may approve anything.
 */
const local: Identity = { sub: 'local', roles: ['operator', 'admin'] };

const loopbackName = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i;

export interface Caller {
  readonly authorization: string | undefined;
  /** The name the caller used for this server. */
  readonly host: string | undefined;
  /** A proxy says that it passes the request on for somebody else. */
  readonly isForwarded: boolean;
  readonly remoteAddress: string;
}

export interface IdentityRules {
  readonly mode: 'development' | 'production';
  readonly tokens: Pick<TokenVerifier, 'verify'>;
}

/**
 * Who calls. Without a token only this machine may, and only by a name of this machine: a web page that has its own
 * name point here is not somebody who sits here, and neither is whoever comes through a proxy that runs here.
 * @throws {Problem} no-identity
 */
export async function identify({ mode, tokens }: IdentityRules, caller: Caller): Promise<Identity> {
  const { authorization, host, remoteAddress, isForwarded } = caller;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +([^\s]+)$/i.exec(authorization) ?? [];
    if (token !== undefined) return verified(tokens, token);
    throw new Problem('no-identity', 'Send Authorization: Bearer and a token.');
  }
  const isHere = !isForwarded && loopback.test(remoteAddress) && loopbackName.test(host ?? '');
  if (mode === 'development' && isHere) return local;
  throw new Problem(
    'no-identity',
    mode === 'production'
      ? 'Send Authorization: Bearer and a token of the issuer that this server trusts.'
      : 'Without a token only this machine is served, as localhost or 127.0.0.1 and not through a proxy. `./interlock token` makes one.',
  );
}

async function verified(tokens: IdentityRules['tokens'], token: string): Promise<Identity> {
  try {
    return await tokens.verify(token, { at: Date.now() });
  } catch (error) {
    if (error instanceof AuthorityRefusedError) throw new Problem('no-identity', error.message);
    throw notReady('The keys of the issuer cannot be had at the moment.', 5);
  }
}

/** @throws {Problem} not-allowed */
export function requireRole(identity: Identity, role: string): void {
  if (!identity.roles.includes(role)) throw new Problem('not-allowed', `This needs the role ${role}.`);
}
