import type { ServiceName } from '@interlock/contracts';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { AuthorityRefusedError } from '../refusal.js';
import { ALGORITHM, type SealingKey, type SealingKeys } from './sealing.keys.js';

/*
 * What proves a command travels with it through a broker that others can read: encrypted to the one service that verifies it, and
 * bound to the bytes of the one record it stands on. Copied to another record, it opens nothing.
 */

const TYPE = 'interlock-authority+jwe';
const ENCRYPTION = 'A256GCM';
/** The body of a webhook is the longest there is: 64 KB, in base64 twice. */
const SEALED_CHARS_MAX = 130_000;

const content = z.union([
  z.strictObject({ token: z.string(), proof: z.string().optional() }),
  z.strictObject({
    webhook: z.strictObject({
      trigger: z.string().describe('The trigger that it has fired'),
      version: z.int().min(1).optional().describe('Of the trigger, that has accepted it; absent: the newest'),
      id: z.string(),
      timestamp: z.string(),
      signature: z.string(),
      body: z.string().describe('Base64'),
    }),
  }),
  z.strictObject({
    topic: z.strictObject({
      trigger: z.string().describe('The trigger that has read it'),
      version: z.int().min(1).optional().describe('Of the trigger, that has accepted it; absent: the newest'),
      name: z.string(),
      partition: z.number().int().min(0),
      offset: z.number().int().min(0),
    }),
  }),
]);
/** The caller's token as it came, and the client's signature if there was one; a signed request of another system; or where a record of it stands. */
export type Credential = z.output<typeof content>;

const header = z.object({
  typ: z.literal(TYPE),
  alg: z.literal(ALGORITHM),
  enc: z.literal(ENCRYPTION),
  kid: z.string(),
  for: z.string(),
  record: z.string(),
});

/** Seals `credential` to the holder of `key`, for the record with this hash alone. */
export function sealAuthority(
  credential: Credential,
  { kid, service, publicKey }: SealingKey,
  record: string,
): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify(credential)))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, typ: TYPE, kid, for: service, record })
    .encrypt(publicKey);
}

const refused = (why: string) => new AuthorityRefusedError('authority.unsealed', why);

/**
 * What was sealed to `service` for the record with this hash.
 * @throws {AuthorityRefusedError} it is sealed for another service, record or key, or it is not a sealed token
 */
export async function openAuthority(
  sealed: string,
  keys: SealingKeys,
  service: ServiceName,
  record: string,
): Promise<Credential> {
  if (sealed.length > SEALED_CHARS_MAX)
    throw refused(`a sealed token has at most ${SEALED_CHARS_MAX} characters`);
  const { kid, for: meantFor, record: bound } = headerOf(sealed);
  if (meantFor !== service) throw refused('the token is sealed for another service');
  if (bound !== record) throw refused('the token is sealed for another command');
  const key = keys.privateKey(kid);
  if (key === undefined) throw refused('the token is sealed with a key that this service does not have');
  try {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: [ALGORITHM],
      contentEncryptionAlgorithms: [ENCRYPTION],
    });
    return content.parse(JSON.parse(Buffer.from(plaintext).toString('utf8')));
  } catch {
    throw refused('the sealed token cannot be opened with the key of this service');
  }
}

function headerOf(sealed: string): z.output<typeof header> {
  try {
    return header.parse(decodeProtectedHeader(sealed));
  } catch {
    throw refused('this is not a sealed token');
  }
}
