import { durationText } from '@interlock/contracts';
import { z } from 'zod';
import { durationMs, withoutAbsent } from './compile.fields.js';
import type { CompiledEscalation } from './compiled.step.js';

const role = z.string().min(1).max(200);
const roles = z.union([role, z.array(role).min(1).max(50)]);

/** Who is to look at what waits for an operator, and who else when nobody has. */
export const escalation = z
  .strictObject({
    to: roles.describe('Roles whose turn it is first'),
    after: durationText.optional().describe('From when it waits'),
    // biome-ignore lint/suspicious/noThenProperty: the word of the document format
    then: roles.optional().describe('Roles whose turn it is too from then on'),
  })
  .refine(({ after, then }) => (after === undefined) === (then === undefined), {
    error: 'says when others are to look at it, and who: `after` and `then` stand together',
  });
export type Escalation = z.output<typeof escalation>;

const listOf = (some: Escalation['to']): readonly string[] => (typeof some === 'string' ? [some] : some);

export const compileEscalation = ({ to, after, then }: Escalation): CompiledEscalation =>
  withoutAbsent({
    to: listOf(to),
    rises:
      after === undefined || then === undefined
        ? undefined
        : { afterMs: durationMs(after), to: listOf(then) },
  });
