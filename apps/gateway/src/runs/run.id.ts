import { hash, randomUUID } from 'node:crypto';
import type { Identity } from '@interlock/contracts';
import { malformed } from '../http/problem.js';

/**
 * The run that a key of this caller names, on every gateway: UUIDv8 of sha256(tenant, sub, key).
 * Lengths stand in front of the parts, so no two callers can name the same one.
 */
export function runIdOfKey({ tenant = '', sub }: Identity, key: string): string {
  const parts = [tenant, sub, key].map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return uuidV8(hash('sha256', parts, 'buffer'));
}

/** An id for a command that repeats under the same key. */
export const commandIdOfKey = (identity: Identity, runId: string, key: string): string =>
  `${runId}/${runIdOfKey(identity, `${runId}/${key}`)}`;

/**
 * The id of a command about `subject`: what its sender chose, or what follows from their key.
 * @throws {Problem} malformed: both are given
 */
export function commandIdOf(
  by: Identity,
  subject: string,
  { chosen, key }: { readonly chosen: string | undefined; readonly key: string | undefined },
): string {
  if (chosen === undefined)
    return key === undefined ? `${subject}/${randomUUID()}` : commandIdOfKey(by, subject, key);
  if (key === undefined) return chosen;
  throw malformed('A command has one id: send a commandId, or an Idempotency-Key from which it follows.', [
    { path: 'commandId', message: 'not allowed beside an Idempotency-Key' },
  ]);
}

function uuidV8(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
