import { vote } from '@interlock/contracts';
import { z } from 'zod';
import { commandIdText, reasonText as reason } from '../http/request.schema.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be the hash of a bundle: 64 hexadecimal digits');
const commandId = commandIdText.optional();

export const activationBody = z.strictObject({ hash, reason, commandId });
export type ActivationBody = z.output<typeof activationBody>;

export const activationVoteBody = z.strictObject({ vote, hash, reason, commandId });
export type ActivationVoteBody = z.output<typeof activationVoteBody>;

export const activationIdText = z.string().regex(/^[0-9a-f]{24}$/, 'is not the id of an activation');
