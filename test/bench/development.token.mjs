import { KeyFile, signDevelopmentToken, tokenKeyPath } from '@interlock/authority';

const LIFE_S = 12 * 3_600;

/** A token as `./interlock token` makes it, of a server with these keys. */
export async function tokenOf(keysDirectory, sub, roles) {
  const claims = { sub, roles, issuedAt: Date.now(), lifeS: LIFE_S };
  return (await signDevelopmentToken(KeyFile.open(tokenKeyPath(keysDirectory)).current, claims)).token;
}
