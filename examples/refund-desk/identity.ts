import { KeyFile, signDevelopmentToken, tokenKeyPath } from '@interlock/authority';

/** A server in development, and where it keeps its keys. */
export interface Desk {
  readonly url: string;
  readonly keysDirectory: string;
}

const LIFE_S = 300;

/** What requests of the demo are sent under: somebody who starts runs and can do no more. */
export async function bearerOf({ keysDirectory }: Desk): Promise<string> {
  const { token } = await signDevelopmentToken(KeyFile.open(tokenKeyPath(keysDirectory)).current, {
    sub: 'refund-desk-demo',
    roles: ['operator'],
    issuer: process.env.INTERLOCK_JWT_ISSUER,
    audience: process.env.INTERLOCK_JWT_AUDIENCE,
    issuedAt: Date.now(),
    lifeS: LIFE_S,
  });
  return `Bearer ${token}`;
}
