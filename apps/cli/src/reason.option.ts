import { isBlank } from '@interlock/contracts';
import { z } from 'zod';

/** Of every command by which somebody decides something. */
export const reason = z
  .string()
  .refine((text) => !isBlank(text), 'say why')
  .describe('Why; it is recorded with your name');
