import { decodeJwt } from 'jose';
import { z } from 'zod';

/** Seconds: what a date can say. A token says what its issuer likes. */
const EXP_MAX = 8_640_000_000_000;

const claims = z.object({
  sub: z.string(),
  tenant: z.string().optional(),
  exp: z.int().min(0).max(EXP_MAX),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/** What a token says of its bearer. */
export interface TokenBearer {
  readonly sub: string;
  readonly tenant?: string | undefined;
  /** UTC ms */
  readonly expiresAt: number;
  /** Thumbprint of the key that the bearer signs with. */
  readonly jkt?: string | undefined;
}

/** Read, not checked: that is the server's business. Undefined: it is not a token of the kind we know. */
export function bearerIn(token: string): TokenBearer | undefined {
  try {
    const { sub, tenant, exp, cnf } = claims.parse(decodeJwt(token));
    return { sub, tenant, expiresAt: exp * 1_000, jkt: cnf?.jkt };
  } catch {
    return undefined;
  }
}
