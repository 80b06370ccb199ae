import { AuthorityRefusedError, type TokenVerifier } from '@interlock/authority';
import { notReady, Problem, refusedAs } from '@interlock/commands';
import { EVERY_TENANT, type Identity, mayReadIn } from '@interlock/contracts';
import type { Reach, Tenant } from '@interlock/read-model';

/**
 * Who calls: whoever the token says, and nobody without one. Being near proves nothing: tools, other users of this machine, port
 * forwards and proxies all call from loopback.
 * @throws {Problem} no-identity
 */
export async function identify(
  tokens: Pick<TokenVerifier, 'verify'>,
  authorization: string | undefined,
): Promise<{ by: Identity; token: string }> {
  const [, token] = /^Bearer +([^\s]+)$/i.exec(authorization ?? '') ?? [];
  if (token !== undefined) return { by: await verified(tokens, token), token };
  throw new Problem(
    'no-identity',
    authorization === undefined
      ? 'Send Authorization: Bearer and a token. In development `./interlock token` makes one.'
      : 'Send Authorization: Bearer and a token.',
  );
}

async function verified(tokens: Pick<TokenVerifier, 'verify'>, token: string): Promise<Identity> {
  try {
    return await tokens.verify(token, { at: Date.now() });
  } catch (error) {
    if (error instanceof AuthorityRefusedError) throw refusedAs('no-identity', error.code, error.message);
    throw notReady('The keys of the issuer are not available at the moment.', 5);
  }
}

/**
 * Whose runs and approvals somebody may see.
 * @throws {Problem} not-allowed: of the installation, without a role that reads all of it
 */
export function reachOf(caller: Identity): Reach {
  const { tenant = '' } = caller;
  if (tenant !== EVERY_TENANT || mayReadIn(caller, undefined)) return tenant;
  throw new Problem('not-allowed', 'Of the tenant * only an auditor or an operator reads.');
}

/** Whether somebody may see what is `tenant`'s. */
export const reaches = (reach: Reach, tenant: Tenant): boolean => reach === EVERY_TENANT || reach === tenant;

/** @throws {Problem} not-allowed */
export function requireRole(identity: Identity, role: string): void {
  if (!identity.roles.includes(role)) throw new Problem('not-allowed', `This needs the role ${role}.`);
}
