import { clientKeyPath, keysDirectoryOf, openClientKey } from '@interlock/authority';
import { z } from 'zod';
import { defineCliCommand, type Environment, exitCodes, UsageError } from '../command.js';
import { Issuer } from '../login/issuer.js';
import { forgetSession, keepSession } from '../login/session.js';
import { bearerIn } from '../token.claims.js';

export const login = defineCliCommand({
  name: 'login',
  summary:
    'Get a token of your issuer (OpenID Connect) that is bound to a key of this machine; ./interlock signs what you decide with it.',
  arguments: [],
  options: z.object({
    issuer: z.string().optional().describe('Its address; default: INTERLOCK_JWT_ISSUER'),
    client: z.string().default('interlock-cli').describe('Id under which the issuer knows this command line'),
    audience: z
      .string()
      .optional()
      .describe('Audience of the token; default: INTERLOCK_JWT_AUDIENCE, if that is an address'),
    device: z.boolean().default(false).describe('Log in with a code, in a browser anywhere'),
  }),
  example: 'login --issuer https://login.example.com',

  async run({ issuer, client, audience, device }, _positional, { environment, output }) {
    const key = await openClientKey(clientKeyPath(keysDirectoryOf(environment))).catch((error: Error) => {
      throw new UsageError(error.message);
    });
    const registration = {
      issuer: issuerOf(issuer, environment),
      client,
      ...audienceOf(audience, environment),
    };
    const at = await Issuer.at(registration, key);
    const tell = (line: string) => output.line(line);
    const session = device ? await at.byCode(tell) : await at.byBrowser(tell);
    keepSession(environment, session);
    const { sub = '', expiresAt = 0 } = bearerIn(session.token) ?? {};
    output.json({
      sub,
      issuer: session.issuer,
      jkt: key.thumbprint,
      expiresAt: new Date(expiresAt).toISOString(),
    });
    output.line(`You are ${sub}. What you decide is signed with the key ${key.thumbprint}.`);
    return exitCodes.done;
  },
});

export const logout = defineCliCommand({
  name: 'logout',
  summary: 'Forget the token that login got. The key of this machine stays.',
  arguments: [],
  options: z.object({}),
  example: 'logout',

  async run(_options, _positional, { environment, output }) {
    forgetSession(environment);
    output.json({ ok: true });
    output.line('Nobody is logged in on this machine any more.');
    return exitCodes.done;
  },
});

function issuerOf(given: string | undefined, { INTERLOCK_JWT_ISSUER }: Environment): string {
  const issuer = given ?? INTERLOCK_JWT_ISSUER ?? '';
  if (URL.canParse(issuer) && /^https?:/.test(issuer)) return issuer;
  throw new UsageError(
    '--issuer (or INTERLOCK_JWT_ISSUER) is the address of who issues tokens, such as https://login.example.com',
  );
}

/** Only an audience that is an address can be asked for (RFC 8707); the issuer derives any other from the client. */
function audienceOf(
  given: string | undefined,
  { INTERLOCK_JWT_AUDIENCE }: Environment,
): { audience?: string } {
  const audience = given ?? INTERLOCK_JWT_AUDIENCE ?? '';
  return URL.canParse(audience) ? { audience } : {};
}
