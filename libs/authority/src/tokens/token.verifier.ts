import {
  type Identity,
  isModule,
  isReservedSubject,
  looksLikeModule,
  sha256,
  visibleName,
} from '@interlock/contracts';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { AuthorityRefusedError, IssuerUnavailableError, type RefusalCode } from '../refusal.js';

/** The accepted algorithms; the header of a token does not decide. */
const ALGORITHMS = ['EdDSA', 'RS256'];
const CLOCK_TOLERANCE_S = 5;
const FOR_EVER_S = 1e12;
const TOKEN_CHARS_MAX = 8_192;
/** Tokens whose signature has been checked are remembered: one person sends many commands. */
const REMEMBERED_MAX = 10_000;
/** For this long at most, ms, so that a key that the issuer has withdrawn is not accepted for ever. */
const REMEMBERED_FOR_MS = 300_000;

/**
 * Other things that the issuer signs with the same key are not tokens for us. A missing type is accepted: common issuers leave it out, and
 * `aud` and `roles` are required.
 */
const TYPES = /^(application\/)?(at\+)?jwt$/i;

const instant = z.number().min(0).max(8_640_000_000_000);

const claims = z.object({
  iss: z.string(),
  iat: instant,
  exp: instant,
  nbf: instant.optional(),
  sub: visibleName.refine((sub) => !isReservedSubject(sub), 'that name is reserved for a part of Interlock'),
  roles: z.array(visibleName).max(100),
  tenant: visibleName.optional(),
  /** RFC 7800: the key whose holder alone may use the token, by its thumbprint (RFC 7638). */
  cnf: z.object({ jkt: z.string().regex(/^[\w-]{43}$/, 'is no thumbprint') }).optional(),
});
type Claims = z.output<typeof claims>;

export interface TokenRules {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  /** The longest time from `iat` to `exp` that is taken. */
  readonly lifeMaxS: number;
  /** Whether what modules say is taken too: by the registry, in development. */
  readonly modules?: boolean;
}

/** When the statement that the token is to prove was made. */
export interface VerificationTime {
  /** UTC ms: now in the gateway; for a record of a broker, when that broker took it. */
  readonly at: number;
  /** How long after its expiry a token still counts: what lies between the gateway and the broker. Absent: nothing. */
  readonly graceS?: number;
}

interface Remembered {
  readonly claims: Claims;
  readonly since: number;
}

const refused = (why: string, code: RefusalCode = 'authority.token') => new AuthorityRefusedError(code, why);

/** Finds out from a signed token who speaks. */
export class TokenVerifier {
  /** By the hash of the token, the oldest first. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(private readonly rules: TokenRules) {}

  /**
   * Who the bearer of the token is, with what proves it: `iss`, `aud`, `iat`, `exp`, `sub` and `roles` are required.
   * @throws {AuthorityRefusedError} with the check that failed
   * @throws {IssuerUnavailableError} the issuer's keys are not available
   */
  async verify(token: string, when: VerificationTime): Promise<Identity> {
    if (token.length > TOKEN_CHARS_MAX) throw refused(`A token has at most ${TOKEN_CHARS_MAX} characters.`);
    const tokenHash = sha256(token);
    const { iss, sub, roles, tenant, cnf, ...times } = await this.#claims(token, tokenHash);
    this.#inForce(times, when);
    if (looksLikeModule({ sub }) && !(isModule({ sub }) && this.rules.modules === true))
      throw refused('This is the token of a module: only the registry accepts it.');
    const { exp } = times;
    const authority = { issuer: iss, tokenHash, expiresAt: exp * 1_000, ...(cnf && { jkt: cnf.jkt }) };
    return { sub, roles: [...new Set(roles)], ...(tenant !== undefined && { tenant }), authority };
  }

  async #claims(token: string, tokenHash: string): Promise<Claims> {
    const known = this.#remembered.get(tokenHash);
    if (known !== undefined && performance.now() - known.since < REMEMBERED_FOR_MS) return known.claims;
    const found = read(await this.#payload(token));
    this.#remembered.delete(tokenHash);
    this.#remembered.set(tokenHash, { claims: found, since: performance.now() });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
    return found;
  }

  /** Only whose token it is; whether it is in force is checked for each statement. */
  async #payload(token: string): Promise<JWTPayload> {
    const { keys, issuer, audience } = this.rules;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['iat', 'exp', 'sub', 'roles'],
        clockTolerance: FOR_EVER_S,
      });
      if (!TYPES.test(protectedHeader.typ ?? 'JWT'))
        throw refused(
          `The header of the token says that it is ${JSON.stringify(protectedHeader.typ)}, not JWT or at+jwt.`,
        );
      return payload;
    } catch (error) {
      throw problemOf(error);
    }
  }

  #inForce(
    { iat, exp, nbf = iat }: Pick<Claims, 'iat' | 'exp' | 'nbf'>,
    { at, graceS = 0 }: VerificationTime,
  ): void {
    const nowS = at / 1_000;
    const { lifeMaxS } = this.rules;
    if (exp - iat > lifeMaxS)
      throw refused(
        `The token is valid for ${Math.ceil(exp - iat)} s; this server accepts at most ${lifeMaxS} s are taken (\`iat\` to \`exp\`).`,
      );
    if (nowS > exp + CLOCK_TOLERANCE_S + graceS) throw refused('The token has expired.', 'authority.expired');
    if (nowS < iat - CLOCK_TOLERANCE_S) throw refused('The token’s claim iat is in the future.');
    if (nowS < nbf - CLOCK_TOLERANCE_S)
      throw refused('The token’s claim nbf says that it is not in force yet.');
  }
}

function read(payload: JWTPayload): Claims {
  const parsed = claims.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(`The token's claim ${issue?.path.map(String).join('.')} cannot be taken: ${issue?.message}.`);
}

function problemOf(error: unknown): AuthorityRefusedError | IssuerUnavailableError {
  if (error instanceof AuthorityRefusedError) return error;
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
  if (error instanceof IssuerUnavailableError) return error;
  return new IssuerUnavailableError('no keys from the issuer', error);
}

const unreadable = [errors.JWSInvalid, errors.JWTInvalid, errors.JOSENotSupported];
