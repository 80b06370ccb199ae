import { randomUUID } from 'node:crypto';
import { commandIdOfKey, type Identity } from '@interlock/contracts';
import { malformed } from './problem.js';

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
