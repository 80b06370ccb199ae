import type { Identity } from '@interlock/contracts';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { notReady, Problem } from './problem.js';

/** What this server takes; a token's own header has no say in it. */
const ALGORITHMS = ['EdDSA', 'RS256'];
const CLOCK_TOLERANCE_S = 5;
const TOKEN_CHARS_MAX = 8_192;

/** What a reader cannot see makes two names that look alike: controls, formats, halves of characters, blanks but the plain one. */
const UNSEEN = /\p{C}|(?! )\p{Z}/u;

const name = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !UNSEEN.test(text), 'it holds a character that cannot be seen')
  .refine((text) => text === text.trim(), 'it begins or ends with a blank');

const claims = z.object({ sub: name, roles: z.array(name).max(100), tenant: name.optional() });

export interface TokenRules {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
}

const refused = (why: string): Problem => new Problem('no-identity', why);

/** Tells from a signed token who calls. */
export class TokenVerifier {
  constructor(private readonly rules: TokenRules) {}

  /**
   * Who the bearer of the token is: `iss`, `aud`, `exp`, `sub` and `roles` are required.
   * @throws {Problem} no-identity with the check that failed; not-ready when the issuer's keys cannot be had
   */
  async verify(token: string): Promise<Identity> {
    if (token.length > TOKEN_CHARS_MAX) throw refused(`A token has at most ${TOKEN_CHARS_MAX} characters.`);
    const { sub, roles, tenant } = read(await this.#payload(token));
    return { sub, roles: [...new Set(roles)], ...(tenant !== undefined && { tenant }) };
  }

  async #payload(token: string): Promise<JWTPayload> {
    const { keys, issuer, audience } = this.rules;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['exp', 'sub', 'roles'],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      return payload;
    } catch (error) {
      throw problemOf(error);
    }
  }
}

function read(payload: JWTPayload): z.output<typeof claims> {
  const parsed = claims.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(`The token's claim ${issue?.path.map(String).join('.')} cannot be taken: ${issue?.message}.`);
}

function problemOf(error: unknown): Problem {
  if (error instanceof errors.JWTExpired) return refused('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(`The token's claim ${error.claim} is missing or not what this server expects.`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refused(`Tokens are signed with ${ALGORITHMS.join(' or ')}; this one names another algorithm.`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused('The signature of the token is not that of the key it names.');
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refused('The token is signed with a key that this server does not know.');
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return refused('The token names no key (`kid`), and it could be one of several.');
  }
  if (unreadable.some((kind) => error instanceof kind)) return refused('This is not a signed token.');
  // What is wrong with a key, such as a modulus that is too short, is not a JOSEError.
  if (error instanceof TypeError) return refused('The key that the token names cannot be used.');
  return notReady('The keys of the issuer cannot be had at the moment.', 5);
}

const unreadable = [errors.JWSInvalid, errors.JWTInvalid, errors.JOSENotSupported];
