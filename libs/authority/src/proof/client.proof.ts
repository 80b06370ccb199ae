import { hashOf, type Identity } from '@interlock/contracts';
import { CompactSign, calculateJwkThumbprint, compactVerify, EmbeddedJWK, type JWK } from 'jose';
import { z } from 'zod';
import { AuthorityRefusedError } from '../refusal.js';
import type { ClientKey } from './client.key.js';
import type { ClientRequest } from './client.request.js';

/*
 * The client's signature over one command: header `Interlock-Proof`, a JWS. Of RFC 9449 it takes the key (`cnf.jkt` in the token
 * names it), but it signs the message and not the connection, so that whoever acts on the command can check it, and anyone later.
 */

const TYPE = 'interlock-proof+jws';
const ALGORITHMS = ['EdDSA', 'ES256'];
const PROOF_CHARS_MAX = 4_096;

/** Header of a request in which the signature comes. */
export const PROOF_HEADER = 'interlock-proof';

const payload = z.strictObject({
  commandId: z.string(),
  tenant: z.string().nullable(),
  sub: z.string(),
  method: z.string(),
  path: z.string(),
  bodyHash: z.string(),
  tokenHash: z.string(),
});
type Payload = z.output<typeof payload>;

/** One command of one person, under one token. */
export interface ProvenCommand {
  readonly commandId: string;
  readonly by: Pick<Identity, 'sub' | 'tenant'>;
  readonly request: ClientRequest;
  /** The signature is valid only with this token: a copy that was held back cannot be sent with a later one. */
  readonly tokenHash: string;
}

const payloadOf = ({ commandId, by, request, tokenHash }: ProvenCommand): Payload => ({
  commandId,
  tenant: by.tenant ?? null,
  sub: by.sub,
  method: request.method,
  path: request.path,
  bodyHash: hashOf(request.body),
  tokenHash,
});

/** Signs a command with the client's key. */
export function signCommand(command: ProvenCommand, key: ClientKey): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(payloadOf(command))))
    .setProtectedHeader({ alg: key.algorithm, typ: TYPE, jwk: key.publicJwk })
    .sign(key.privateKey);
}

const refused = (why: string) => new AuthorityRefusedError('authority.proof', `Interlock-Proof: ${why}`);

/**
 * Checks that the holder of the key that the token names signed exactly this command.
 * @throws {AuthorityRefusedError} with what differs
 */
export async function checkProof(
  proof: string,
  command: Omit<ProvenCommand, 'tokenHash'> & { readonly by: Pick<Identity, 'sub' | 'tenant' | 'authority'> },
): Promise<void> {
  const { jkt, tokenHash } = command.by.authority ?? {};
  if (jkt === undefined || tokenHash === undefined)
    throw refused('the token names no key of its holder (cnf.jkt), so nothing can be signed with it.');
  if (proof.length > PROOF_CHARS_MAX) throw refused(`it has at most ${PROOF_CHARS_MAX} characters.`);
  const { jwk, text } = await opened(proof);
  if ((await thumbprintOf(jwk)) !== jkt) throw refused('it is signed with another key than the token names.');
  const said = payloadIn(text);
  const meant = payloadOf({ ...command, tokenHash });
  const differs = payload.keyof().options.find((name) => said[name] !== meant[name]);
  if (differs !== undefined) throw refused(`its ${differs} is not that of the command it came with.`);
}

async function opened(proof: string): Promise<{ jwk: JWK; text: Uint8Array }> {
  try {
    const { payload: text, protectedHeader } = await compactVerify(proof, EmbeddedJWK, {
      algorithms: ALGORITHMS,
    });
    const { typ, jwk } = protectedHeader;
    if (typ !== TYPE || jwk === undefined) throw refused(`its type (typ) is not ${TYPE}.`);
    return { jwk, text };
  } catch (error) {
    if (error instanceof AuthorityRefusedError) throw error;
    throw refused('it is not a JWS signed by the Ed25519 or P-256 key in its header.');
  }
}

async function thumbprintOf(jwk: JWK): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(jwk);
  } catch {
    return undefined;
  }
}

function payloadIn(text: Uint8Array): Payload {
  try {
    return payload.parse(JSON.parse(Buffer.from(text).toString('utf8')));
  } catch {
    throw refused(
      'it does not sign a command: that has commandId, tenant, sub, method, path, bodyHash and tokenHash.',
    );
  }
}
