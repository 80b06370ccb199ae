import { userInfo } from 'node:os';
import {
  type ClientKey,
  clientKeyPath,
  findClientKey,
  KeyFile,
  keysDirectoryOf,
  openClientKey,
  signDevelopmentToken,
  tokenKeyPath,
} from '@interlock/authority';
import { errorText } from '@interlock/contracts';
import { type Environment, UsageError } from './command.js';
import { Issuer } from './login/issuer.js';
import { findSession, keepSession, type Session } from './login/session.js';
import { bearerIn } from './token.claims.js';

/** Who calls. */
export interface Credentials {
  /** What a request carries; undefined: nothing. */
  token(): Promise<string | undefined>;
  /** The key of whoever types, which their token may name: commands are signed with it. Undefined: there is none here. */
  key(): Promise<ClientKey | undefined>;
  /** For people: who that is. */
  readonly description: string;
}

const ROLES = ['operator', 'admin'];
/** A token is made for each request, so its life need not be longer than that of a request. */
const LIFE_S = 300;

const none: Credentials = {
  token: async () => undefined,
  key: async () => undefined,
  description: 'no token',
};

/**
 * The token that was given. Without one, on this machine and in development, a token signed with the key of the installation.
 * @throws {UsageError} it is not a token, or it would be sent where others can read it
 */
export function credentialsFor(
  url: string,
  given: string | undefined,
  environment: Environment,
  now: () => number,
): Credentials {
  const token = given?.trim() ?? '';
  if (token !== '') return givenToken(url, token, environment);
  const session = findSession(environment);
  if (session !== undefined) return loggedIn(url, session, environment, now);
  if (environment.INTERLOCK_MODE === 'production' || !isLoopback(url)) return none;
  return ownSignature(environment, now);
}

function givenToken(url: string, token: string, environment: Environment): Credentials {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('the token (--token or INTERLOCK_TOKEN) holds characters that no token has');
  refuseOpenWay(url);
  return {
    token: async () => token,
    key: () => usable(() => findClientKey(clientKeyPath(keysDirectoryOf(environment)))),
    description: 'the token is good',
  };
}

/** A token is renewed before it can expire on its way. */
const RENEW_BEFORE_MS = 10_000;

function loggedIn(url: string, session: Session, environment: Environment, now: () => number): Credentials {
  refuseOpenWay(url);
  let current = session;
  const key = () => usable(() => findClientKey(clientKeyPath(keysDirectoryOf(environment))));
  const token = async (): Promise<string> => {
    const { refreshToken } = current;
    if ((bearerIn(current.token)?.expiresAt ?? 0) > now() + RENEW_BEFORE_MS) return current.token;
    const own = await key();
    if (refreshToken === undefined || own === undefined)
      throw new UsageError('Your login has expired: ./interlock login');
    current = await (await Issuer.at(current, own)).renew(refreshToken);
    keepSession(environment, current);
    return current.token;
  };
  return { token, key, description: `the token of ${bearerIn(session.token)?.sub ?? 'somebody'} is good` };
}

function ownSignature(environment: Environment, now: () => number): Credentials {
  const path = tokenKeyPath(keysDirectoryOf(environment));
  const own = () => usable(() => openClientKey(clientKeyPath(keysDirectoryOf(environment))));
  const sub = userName();
  const sign = async (): Promise<string | undefined> => {
    const key = keyIn(path);
    if (key === undefined) return undefined;
    const { token } = await signDevelopmentToken(key, {
      sub,
      roles: ROLES,
      issuer: environment.INTERLOCK_JWT_ISSUER || undefined,
      audience: environment.INTERLOCK_JWT_AUDIENCE || undefined,
      issuedAt: now(),
      lifeS: LIFE_S,
      jkt: (await own())?.thumbprint,
    });
    return token;
  };
  return { token: sign, key: own, description: `${sub} (${ROLES.join(', ')}), signed with ${path}` };
}

/** @throws {UsageError} there is a key, but it cannot be used */
async function usable<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new UsageError(errorText(error));
  }
}

/** @throws {UsageError} there is one, but it cannot be used */
function keyIn(path: string) {
  try {
    return KeyFile.find(path)?.current;
  } catch (error) {
    throw new UsageError(errorText(error));
  }
}

/** A user without an entry in the system's list, as in many containers, is called by the number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

function refuseOpenWay(url: string): void {
  if (isPrivate(url)) return;
  throw new UsageError(
    `${url} is neither https nor this machine: a token that is sent there can be read on the way. Use https.`,
  );
}

const isLoopback = (url: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/** Nobody on the way can read what is sent there. */
const isPrivate = (url: string): boolean => new URL(url).protocol === 'https:' || isLoopback(url);
