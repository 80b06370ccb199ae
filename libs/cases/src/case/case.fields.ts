import { durationText } from '@interlock/contracts';
import { parseInstant } from '@interlock/language';
import { z } from 'zod';

/** The fields that several parts of a case are made of. */

export const name = z.string().min(1).max(200);
export const step = name.describe('Path of a step: `pay`, `lines[17]/charge`');
export const tool = name.describe('Name of a tool, without its version');
export const roles = z.array(name).max(50);
export const after = durationText.optional().describe('Absent: at once');
/** Any JSON value, null included; it has to be there. */
export const value = z.unknown().refine((given) => given !== undefined, { error: 'is required' });
/** Arguments of a call, or a part of them. */
export const fields = z.record(z.string(), z.unknown());

export const person = z
  .strictObject({ sub: name, roles: roles.default([]), tenant: name.optional() })
  .describe('Who it is, and which roles they have');
export type Person = z.output<typeof person>;

export const instant = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, {
    error: 'must be an instant like 2026-01-31T12:00:00Z',
  })
  .describe('An instant in ISO 8601');
