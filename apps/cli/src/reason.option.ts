import { isBlank } from '@interlock/contracts';
import { z } from 'zod';

/** The option of every command with which somebody decides something. */
export const reason = z
  .string()
  .refine((text) => !isBlank(text), 'say why')
  .describe('Why; it is recorded with your name');
