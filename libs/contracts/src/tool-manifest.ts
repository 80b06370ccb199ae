import { z } from 'zod';
import { MODULE_PREFIX } from './module.name.js';

const jsonSchema = z.record(z.string(), z.unknown());

/** Everything about a tool but its code; `toolHash` is the hash of this. */
export const toolManifest = z.object({
  name: z.string().regex(new RegExp(`^${MODULE_PREFIX}[a-z][a-z0-9_-]*(\\.[a-z][a-z0-9_-]*)*$`)),
  version: z.number().int().min(1),
  description: z.string(),
  input: jsonSchema.describe('JSON Schema'),
  output: jsonSchema.describe('JSON Schema'),
  failure: jsonSchema.optional().describe('JSON Schema of the declared failures'),
  effect: z.enum(['read', 'write']),
  risk: z.enum(['low', 'medium', 'high']),
  audience: z.string(),
  recovery: z
    .discriminatedUnion('by', [
      z.object({ by: z.literal('idempotency-key') }),
      z.object({ by: z.literal('verify'), tool: z.string(), settleAfterMs: z.number().int().min(0) }),
      z.object({ by: z.literal('ask-human'), settleAfterMs: z.number().int().min(0) }),
    ])
    .optional()
    .describe('Required for a write'),
  compensate: z.object({ tool: z.string() }).optional(),
  timeoutMs: z.number().int().positive().max(3_600_000),
  rateLimit: z.object({ perSecond: z.number().positive() }).optional(),
  costUsd: z.number().min(0),
  origin: z.enum(['function', 'http', 'mcp']),
  pool: z.string(),
});
export type ToolManifest = z.output<typeof toolManifest>;
