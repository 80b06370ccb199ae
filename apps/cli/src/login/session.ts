import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keysDirectoryOf, readSafely, replaceSafely } from '@interlock/authority';
import { errorText } from '@interlock/contracts';
import { z } from 'zod';
import { type Environment, UsageError } from '../command.js';

const session = z.strictObject({
  issuer: z.string(),
  client: z.string(),
  audience: z.string().optional(),
  /** Bound to the key of this machine: without that key it signs nothing. */
  token: z.string(),
  refreshToken: z.string().optional(),
});

/** Who has logged in on this machine, and how to get the next token. */
export type Session = z.output<typeof session>;

const pathOf = (environment: Environment): string => join(keysDirectoryOf(environment), 'login.json');

/**
 * Undefined: nobody has.
 * @throws {UsageError} others can read or replace the file, or it cannot be used
 */
export function findSession(environment: Environment): Session | undefined {
  const path = pathOf(environment);
  try {
    const found = readSafely(path);
    return found && session.parse(JSON.parse(found.text));
  } catch (error) {
    throw new UsageError(
      `${path} cannot be used: ${errorText(error)}\nLog in again, after ./interlock logout.`,
    );
  }
}

export const keepSession = (environment: Environment, kept: Session): void =>
  replaceSafely(pathOf(environment), `${JSON.stringify(kept, null, 2)}\n`);

export const forgetSession = (environment: Environment): void => rmSync(pathOf(environment), { force: true });
