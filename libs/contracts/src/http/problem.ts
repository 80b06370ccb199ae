import { z } from 'zod';
import type { Shown } from './fields.js';

export const problemDetail = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
});
/** One thing that is wrong with a request, at `path` (`input.orderId`; empty for the whole). */
export type ProblemDetail = Shown<z.output<typeof problemDetail>>;

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('What docs/errors.md says it means, and what to do'),
    detail: z.string(),
    errors: z.array(problemDetail),
  })
  .meta({ id: 'Problem' });
/** An answer that is not a success: RFC 9457 problem details. */
export type ProblemDetails = Shown<z.output<typeof problem>>;
