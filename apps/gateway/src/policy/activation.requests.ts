import { vote } from '@interlock/contracts';
import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be the hash of a bundle: 64 hexadecimal digits');
const reason = z.string().min(1).max(2_000);
/** Whoever repeats a request under one id means the same command. */
const commandId = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters');

export const activationBody = z.strictObject({ hash, reason, commandId: commandId.optional() });
export type ActivationBody = z.output<typeof activationBody>;

export const activationVoteBody = z.strictObject({ vote, hash, reason, commandId: commandId.optional() });
export type ActivationVoteBody = z.output<typeof activationVoteBody>;

export const activationIdText = z.string().regex(/^[0-9a-f]{24}$/, 'is not the id of an activation');
